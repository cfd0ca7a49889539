import type { KeyboardEvent, Ref } from 'react';
import type { Duplicate, FieldEvidence } from '../../api/customers/duplicates.ts';
import type { Profile } from '../../api/customers/people.ts';
import { Link } from '../../routing/link.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Moment } from '../../ui/moment.tsx';
import { tellShare } from '../../ui/number.ts';
import { namePerson } from '../../ui/person-name.ts';
import { tellLevel, tellWeight, valueOf } from './duplicate-words.ts';

interface DuplicateCardProps {
  readonly pair: Duplicate;
  readonly left: Profile | undefined;
  readonly right: Profile | undefined;
  readonly isBusy: boolean;
  readonly cardRef: Ref<HTMLLIElement>;
  readonly onMerge: () => void;
  readonly onDismiss: () => void;
  readonly onKey: (event: KeyboardEvent) => void;
}

/** Two people side by side, field by field, with what each field says. */
export function DuplicateCard({ pair, left, right, isBusy, cardRef, onMerge, onDismiss, onKey }: DuplicateCardProps) {
  const names = [
    { id: pair.left, name: left === undefined ? pair.left : namePerson(left.traits, pair.left), person: left },
    { id: pair.right, name: right === undefined ? pair.right : namePerson(right.traits, pair.right), person: right },
  ] as const;
  const most = Math.max(...pair.evidence.map(({ bits }) => Math.abs(bits)), Number.EPSILON);
  const isOpen = pair.state === 'open';
  return (
    <li
      ref={cardRef}
      className="panel duplicate"
      tabIndex={0}
      onKeyDown={onKey}
      aria-label={`${names[0].name} and ${names[1].name}, ${tellShare(pair.probability)} likely one person`}
    >
      <div className="panel-head">
        <p className="duplicate-share">
          <span className="number">{tellShare(pair.probability)}</span> <span className="small soft">likely one person</span>
        </p>
        <div className="row">
          {isOpen || pair.state === 'dismissed' ? (
            <button type="button" className={`button ${isOpen ? 'button-main' : ''}`} disabled={isBusy} onClick={onMerge}>
              <Icon name="merge" />
              {isOpen ? 'They are one' : 'Merge after all'}
            </button>
          ) : (
            <Decision pair={pair} />
          )}
          {isOpen ? (
            <button type="button" className="button" disabled={isBusy} onClick={onDismiss}>
              <Icon name="cross" />
              They are two
            </button>
          ) : null}
        </div>
      </div>
      <div className="table-scroll">
        <table className="table duplicate-table">
          <thead>
            <tr>
              <th scope="col">
                <span className="visually-hidden">Field</span>
              </th>
              {names.map(({ id, name }) => (
                <th key={id} scope="col">
                  <Link href={`/people/${encodeURIComponent(id)}`} className="wrap-anywhere">
                    {name}
                  </Link>
                </th>
              ))}
              <th scope="col">Agree</th>
              <th scope="col">Says</th>
            </tr>
          </thead>
          <tbody>
            {pair.evidence.map((evidence) => (
              <EvidenceRow key={evidence.field + evidence.level} evidence={evidence} left={left} right={right} most={most} />
            ))}
            <tr>
              <th scope="row">Last seen</th>
              {names.map(({ id, person }) => (
                <td key={id} className="soft">
                  {person === undefined ? '' : <Moment at={person.lastSeenAt} />}
                </td>
              ))}
              <td />
              <td />
            </tr>
          </tbody>
        </table>
      </div>
    </li>
  );
}

function Decision({ pair }: { readonly pair: Duplicate }) {
  const by = { person: 'by somebody', rule: 'by the rule', identity: 'by an identity both have', data: 'their data changed' };
  return (
    <span className="small soft">
      {pair.state === 'merged' ? 'Joined' : 'Closed'}
      {pair.decidedBy === undefined ? '' : `, ${by[pair.decidedBy]}`}
      {pair.decidedAt === undefined ? null : (
        <>
          , <Moment at={pair.decidedAt} />
        </>
      )}
    </span>
  );
}

interface EvidenceRowProps {
  readonly evidence: FieldEvidence;
  readonly left: Profile | undefined;
  readonly right: Profile | undefined;
  readonly most: number;
}

function EvidenceRow({ evidence, left, right, most }: EvidenceRowProps) {
  const { field, level, bits, shapes } = evidence;
  const valueFor = (person: Profile | undefined, index: number): string =>
    (person === undefined ? '' : valueOf(person.traits, field)) || (shapes[index] ?? '');
  const isFor = bits >= 0;
  return (
    <tr>
      <th scope="row" className="wrap-anywhere">
        {field === '' ? 'Household' : field}
      </th>
      <td className="wrap-anywhere">{field === '' ? '' : valueFor(left, 0)}</td>
      <td className="wrap-anywhere">{field === '' ? '' : valueFor(right, 1)}</td>
      <td className="soft">{tellLevel(level)}</td>
      <td>
        <span className="weight" title={tellWeight(bits)}>
          <span className="reason-bar weight-bar" aria-hidden="true">
            <span className={isFor ? 'reason-for' : 'reason-against'} style={{ width: `${String((Math.abs(bits) / most) * 50)}%` }} />
          </span>
          <span className="number">
            {isFor ? '+' : '−'}
            {Math.abs(bits).toFixed(1)}
          </span>
        </span>
      </td>
    </tr>
  );
}
