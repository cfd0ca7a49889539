import type { StepInfo } from '../../api/types.ts';
import { Icon } from '../../ui/icon.tsx';
import type { IconName } from '../../ui/icon.tsx';
import { tellAbsolute, tellDuration, toMs } from '../../ui/instant.ts';
import { Moment } from '../../ui/moment.tsx';
import { Part } from '../../ui/part.tsx';
import { text } from '../../ui/person-name.ts';
import { tellPlural } from '../../ui/number.ts';
import { StateChip, toneOfState } from '../../ui/state-chip.tsx';
import type { StepNode } from './step-tree.ts';

const ICONS: Readonly<Record<string, IconName>> = {
  action: 'play',
  if: 'split',
  switch: 'split',
  parallel: 'split',
  forEach: 'repeat',
  wait: 'clock',
  approve: 'hand',
  call: 'forward',
  emit: 'send',
  stop: 'stop',
  fail: 'cross',
  set: 'pipelines',
};

interface StepProps {
  readonly node: StepNode;
  /** Asks to do the run again from here; missing where that cannot be. */
  readonly onReplay?: (step: StepInfo) => void;
}

/** One step of a run with the steps inside it: what it was, how it went, and what went in and out. */
export function Step({ node, onReplay }: StepProps) {
  const { step, isAssumed, branches } = node;
  return (
    <li className="flow-step">
      <span className={`flow-mark chip-${toneOfState(step.state)}`} aria-hidden="true">
        <Icon name={ICONS[step.kind] ?? 'play'} />
      </span>
      <div className="flow-content">
        {isAssumed ? (
          <div className="panel flow-card">
            <h2>{step.kind}</h2>
          </div>
        ) : (
          <StepCard step={step} {...(onReplay === undefined ? {} : { onReplay })} />
        )}
        {branches.map(({ name, nodes }) => (
          <section key={name} className="flow-branch" aria-label={name}>
            <h3 className="flow-branch-name">{name}</h3>
            <ol className="flow">
              {nodes.map((inner) => (
                <Step key={inner.step.path} node={inner} {...(onReplay === undefined ? {} : { onReplay })} />
              ))}
            </ol>
          </section>
        ))}
      </div>
    </li>
  );
}

function StepCard({ step, onReplay }: { readonly step: StepInfo; readonly onReplay?: (step: StepInfo) => void }) {
  const tookMs = step.endedAt === undefined ? undefined : toMs(step.endedAt) - toMs(step.startedAt);
  return (
    <div className="panel flow-card">
      <div className="row-between">
        <h2 className="wrap-anywhere">{step.action ?? step.kind}</h2>
        <StateChip state={step.state} />
      </div>
      <p className="flow-meta">
        {step.id === undefined ? null : <span>step {step.id}</span>}
        <span className="mono">{step.path}</span>
        {step.connection === undefined ? null : <span>over {step.connection}</span>}
        <span title={tellAbsolute(toMs(step.startedAt))}>{new Date(toMs(step.startedAt)).toLocaleTimeString('en', { hour12: false })}</span>
        {tookMs === undefined ? null : <span className="number">{tellDuration(tookMs)}</span>}
        {step.attempts > 1 ? <span className="flow-attempts">{tellPlural(step.attempts, 'attempt')}</span> : null}
        {step.until === undefined || step.endedAt !== undefined ? null : (
          <span className="flow-until">
            {step.state === 'needs_approval' ? 'too late' : 'goes on'} <Moment at={step.until} />
          </span>
        )}
      </p>
      {step.error === undefined ? null : (
        <div className="flow-error">
          <strong>{text(step.error['title']) || text(step.error['message']) || text(step.error['code']) || 'It failed.'}</strong>
          <Part title="Error" value={step.error} />
        </div>
      )}
      <div className="flow-data">
        <Part title="In" value={step.input} />
        <Part title="Out" value={step.output} />
      </div>
      {onReplay === undefined ? null : (
        <button
          type="button"
          className="flow-replay"
          aria-label={`Again from here: step ${step.id ?? step.path}`}
          onClick={() => onReplay(step)}
        >
          <Icon name="repeat" isSmall />
          Again from here
        </button>
      )}
    </div>
  );
}
