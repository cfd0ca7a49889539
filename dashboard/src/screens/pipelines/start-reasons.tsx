import './start-reasons.css';
import type { ConditionPart, StartReason } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Moment } from '../../ui/moment.tsx';
import { Sentence } from '../../ui/sentence.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { pipelineAddress } from './pipeline-address.ts';

interface StartReasonsProps {
  readonly reasons: readonly StartReason[];
  /** Leaves out the pipeline where that is plain, and shows the event instead. */
  readonly isOfOnePipeline?: boolean;
}

/** Why events have or have not started runs, with each part of the condition. */
export function StartReasons({ reasons, isOfOnePipeline = false }: StartReasonsProps) {
  return (
    <ul className="start-reasons">
      {reasons.map((reason) => (
        <li key={`${reason.pipeline}:${reason.environment}:${reason.eventId}`} className="start-reason">
          <div className="row-between">
            {isOfOnePipeline ? (
              <span className="wrap-anywhere small">
                Event <span className="mono">{reason.eventId}</span>{' '}
                <span className="faint">
                  <Moment at={reason.at} />
                </span>
              </span>
            ) : (
              <Link href={pipelineAddress(reason.pipeline, reason.environment)} className="wrap-anywhere">
                {reason.pipeline}
              </Link>
            )}
            <StateChip state={reason.isStarted ? (reason.runState ?? 'started') : 'not_started'} />
          </div>
          <p className="small soft wrap-anywhere">
            <Sentence text={reason.reason} />
          </p>
          <Conditions conditions={reason.conditions} />
          {reason.runId === undefined ? null : (
            <Link href={`/runs/${encodeURIComponent(reason.runId)}`} className="small">
              The run
            </Link>
          )}
        </li>
      ))}
    </ul>
  );
}

/** The parts of a condition, each with what it came to. */
export function Conditions({ conditions }: { readonly conditions: readonly ConditionPart[] }) {
  if (conditions.length === 0) return null;
  return (
    <ul className="conditions" aria-label="Parts of the condition">
      {conditions.map((condition) => (
        <Condition key={condition.expression} condition={condition} />
      ))}
    </ul>
  );
}

function Condition({ condition: { expression, value, problem, isMet } }: { readonly condition: ConditionPart }) {
  return (
    <li className={`condition ${isMet ? 'condition-met' : 'condition-unmet'}`}>
      <Icon name={isMet ? 'check' : 'cross'} isSmall />
      <span>
        <code>{expression}</code>
        <span className="condition-said">
          {problem ?? (typeof value === 'boolean' ? (value ? 'true' : 'false') : `gave ${JSON.stringify(value)}`)}
        </span>
      </span>
    </li>
  );
}
