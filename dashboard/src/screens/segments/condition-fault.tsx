import type { ApiProblem } from '../../api/api-problem.ts';
import type { ConditionWarning } from '../../api/customers/segments.ts';
import { Icon } from '../../ui/icon.tsx';
import { Sentence } from '../../ui/sentence.tsx';
import { correctCondition } from './correct-condition.ts';

/** A fault of a condition at its place. */
export interface PlacedFault {
  readonly message: string;
  readonly start: number;
  readonly end: number;
  readonly suggestion: string | undefined;
}

/** What the hub says is wrong with a condition; nothing when it refuses it for another reason. */
export function readFault(problem: ApiProblem | undefined, condition: string): PlacedFault | undefined {
  if (problem?.code !== 'EXPRESSION_INVALID') return undefined;
  const { problem: message, start, end, suggestion } = problem.details ?? {};
  const from = typeof start === 'number' ? Math.min(start, condition.length) : 0;
  return {
    message: typeof message === 'string' ? message : problem.message,
    start: from,
    end: typeof end === 'number' ? Math.max(from, Math.min(end, condition.length)) : condition.length,
    suggestion: typeof suggestion === 'string' ? suggestion : undefined,
  };
}

interface ConditionFaultProps {
  readonly condition: string;
  readonly fault: PlacedFault;
  readonly onReplace: (condition: string) => void;
  readonly onShow: (start: number, end: number) => void;
}

/** Says what is wrong, shows where, and offers what was meant. */
export function ConditionFault({ condition, fault, onReplace, onShow }: ConditionFaultProps) {
  const { start, end, suggestion } = fault;
  return (
    <div className="condition-fault" role="alert">
      <p className="field-fault">
        <Icon name="alert" isSmall />
        <span>
          <Sentence text={fault.message} />
        </span>
      </p>
      <pre className="condition-place" aria-label="Where it is">
        {condition.slice(Math.max(0, start - 60), start)}
        <mark>{condition.slice(start, end) || ' '}</mark>
        {condition.slice(end, end + 60)}
      </pre>
      <div className="row">
        {suggestion === undefined ? null : (
          <button type="button" className="button" onClick={() => onReplace(correctCondition(condition, fault, suggestion))}>
            Write {suggestion} instead
          </button>
        )}
        <button type="button" className="button button-quiet" onClick={() => onShow(start, end)}>
          Go there
        </button>
      </div>
    </div>
  );
}

/** Warnings of a condition: it works, but may not say what was meant. */
export function ConditionWarnings({ warnings }: { readonly warnings: readonly ConditionWarning[] }) {
  if (warnings.length === 0) return null;
  return (
    <ul className="stack-tight" aria-label="What may be wrong">
      {warnings.map(({ message }) => (
        <li key={message} className="notice">
          <Sentence text={message} />
        </li>
      ))}
    </ul>
  );
}
