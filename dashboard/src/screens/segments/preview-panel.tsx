import { useId } from 'react';
import { Link } from '../../routing/link.tsx';
import { tellCount, tellPlural, tellShare } from '../../ui/number.ts';
import { namePerson, text } from '../../ui/person-name.ts';
import { Problem } from '../../ui/problem.tsx';
import { SkeletonList } from '../../ui/skeleton.tsx';
import { ConditionWarnings, readFault } from './condition-fault.tsx';
import type { Preview } from './use-preview.ts';

/** Whom a condition would reach, before it is saved. */
export function PreviewPanel({ preview }: { readonly preview: Preview }) {
  const id = useId();
  const { answer, problem, isLoading, about } = preview;
  const hasFault = readFault(problem, about) !== undefined;
  return (
    <section className="panel" aria-labelledby={id} aria-busy={isLoading}>
      <div className="panel-head">
        <h2 id={id}>Who would be in</h2>
        <span className="small faint" role="status">
          {isLoading ? 'Counting…' : ''}
        </span>
      </div>
      {problem !== undefined && !hasFault ? (
        <div className="panel-body">
          <Problem problem={problem} />
        </div>
      ) : null}
      {hasFault ? <p className="panel-body small soft">The condition has a fault: correct it to see who would be in.</p> : null}
      {answer === undefined && problem === undefined ? (
        isLoading ? (
          <SkeletonList lines={4} />
        ) : (
          <p className="panel-body small soft">Say something about the people you look for: who would be in appears here.</p>
        )
      ) : null}
      {answer === undefined || problem !== undefined ? null : (
        <div className={`panel-body stack-tight${isLoading ? ' is-stale' : ''}`}>
          <p className="preview-count">
            <span className="number">{tellCount(answer.isPartial ? answer.estimate : answer.count)}</span>{' '}
            <span className="small soft">
              {answer.isPartial ? 'or so ' : ''}of {tellPlural(answer.peopleTotal, 'person', 'people')}
              {answer.peopleTotal === 0 ? '' : `, ${tellShare((answer.isPartial ? answer.estimate : answer.count) / answer.peopleTotal)}`}
            </span>
          </p>
          {answer.isPartial ? (
            <p className="small soft">
              Of {tellPlural(answer.peopleExamined, 'person', 'people')} who could be looked at in the time there is,{' '}
              {tellCount(answer.count)} would be in; the figure says how many there are if the others are like them. Once saved it is exact.
            </p>
          ) : null}
          <ConditionWarnings warnings={answer.warnings} />
          {answer.sample.length === 0 ? null : (
            <ul className="preview-sample" aria-label="Some of them">
              {answer.sample.map((person) => (
                <li key={person.id}>
                  <Link href={`/people/${encodeURIComponent(person.id)}`} className="wrap-anywhere">
                    {namePerson(person.traits, person.id)}
                  </Link>
                  <span className="faint truncate">{text(person.traits['email'])}</span>
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </section>
  );
}
