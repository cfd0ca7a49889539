import type { PipelineFault } from '../../api/types.ts';
import { Sentence } from '../../ui/sentence.tsx';
import { Icon } from '../../ui/icon.tsx';

/** What is wrong with the file of a pipeline, with the places. */
export function Faults({ faults }: { readonly faults: readonly PipelineFault[] }) {
  return (
    <section className="problem" role="alert">
      <p className="problem-title">
        <Icon name="alert" />
        The pipeline does not fit what is installed any more.
      </p>
      <p>Mend the file and deploy it again:</p>
      <ul className="faults">
        {faults.map((fault) => (
          <li key={`${String(fault.line)}:${String(fault.column)}:${fault.code}`}>
            <span className="mono">
              {fault.line}:{fault.column}
            </span>{' '}
            <Sentence text={fault.message} />
            {fault.suggestion === undefined ? '' : ` Did you mean ${fault.suggestion}?`}
          </li>
        ))}
      </ul>
    </section>
  );
}
