import type { Json, StepInfo } from '../../api/types.ts';
import { Icon } from '../../ui/icon.tsx';
import type { IconName } from '../../ui/icon.tsx';
import { tellAbsolute, tellDuration, toMs } from '../../ui/instant.ts';
import { JsonView } from '../../ui/json-view.tsx';
import { text } from '../../ui/person-name.ts';
import { tellPlural } from '../../ui/number.ts';
import { StateChip, toneOfState } from '../../ui/state-chip.tsx';

const ICONS: Readonly<Record<string, IconName>> = {
  action: 'play',
  if: 'split',
  switch: 'split',
  parallel: 'split',
  wait: 'clock',
  stop: 'stop',
  set: 'pipelines',
};

/** One step of a run: what it was, how it went, and what went in and out. */
export function Step({ step }: { readonly step: StepInfo }) {
  const tookMs = step.endedAt === undefined ? undefined : toMs(step.endedAt) - toMs(step.startedAt);
  const depth = Math.min(3, Math.floor(step.path.split('.').length / 2));
  return (
    <li className={`flow-step flow-depth-${String(depth)}`}>
      <span className={`flow-mark chip-${toneOfState(step.state)}`} aria-hidden="true">
        <Icon name={ICONS[step.kind] ?? 'play'} />
      </span>
      <div className="panel flow-card">
        <div className="row-between">
          <h2 className="wrap-anywhere">{step.action ?? step.kind}</h2>
          <StateChip state={step.state} />
        </div>
        <p className="flow-meta">
          {step.id === undefined ? null : <span>step {step.id}</span>}
          <span className="mono">{step.path}</span>
          {step.connection === undefined ? null : <span>over {step.connection}</span>}
          <span title={tellAbsolute(toMs(step.startedAt))}>
            {new Date(toMs(step.startedAt)).toLocaleTimeString('en', { hour12: false })}
          </span>
          {tookMs === undefined ? null : <span className="number">{tellDuration(tookMs)}</span>}
          {step.attempts > 1 ? <span className="flow-attempts">{tellPlural(step.attempts, 'attempt')}</span> : null}
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
      </div>
    </li>
  );
}

function Part({ title, value }: { readonly title: string; readonly value: Json | undefined }) {
  if (value === undefined || value === null) return null;
  return (
    <details className="flow-part">
      <summary>
        <span className="flow-part-title">{title}</span>
        <span className="truncate mono faint">{JSON.stringify(value)}</span>
      </summary>
      <JsonView value={value} label={title} />
    </details>
  );
}
