import { useId } from 'react';
import type { CandidateDraft } from './place-draft.ts';

const UNITS = { d: 'days', h: 'hours', m: 'minutes' } as const;

interface CandidateLimitsProps {
  readonly candidate: CandidateDraft;
  readonly isWeighted: boolean;
  readonly onChange: (candidate: CandidateDraft) => void;
}

/** In which order, when, how often and with what share held out a candidate is shown. */
export function CandidateLimits({ candidate, isWeighted, onChange }: CandidateLimitsProps) {
  const { priority, weight, holdoutRatio, startsAt, endsAt, limitPerPerson: limit } = candidate;
  const set = (name: 'priority' | 'weight' | 'holdoutRatio' | 'startsAt' | 'endsAt' | 'limitPerPerson', value: unknown): void => {
    const { [name]: _before, ...rest } = candidate;
    onChange(value === undefined ? rest : { ...rest, [name]: value });
  };
  const within = /^(\d*)([mhd])$/.exec(limit?.within ?? '');
  const setWithin = (count: string, unit: string): void => set('limitPerPerson', { times: limit?.times ?? 1, within: `${count}${unit}` });
  return (
    <details
      className="candidate-more"
      open={limit !== undefined || holdoutRatio !== undefined || startsAt !== undefined ? true : undefined}
    >
      <summary>Order, times and limits</summary>
      <div className="stack-tight">
        <div className="field-columns">
          {isWeighted ? (
            <NumberInput
              label="Weight"
              hint="1 unless told; 0 shows it to nobody"
              value={weight}
              onChange={(typed) => set('weight', typed)}
            />
          ) : null}
          <NumberInput
            label="Priority"
            hint="higher ones first, 0 unless told"
            value={priority}
            onChange={(typed) => set('priority', typed)}
          />
          <NumberInput
            label="Held out, in percent"
            hint="get the fallback, to compare with"
            value={holdoutRatio === undefined ? undefined : Math.round(holdoutRatio * 10_000) / 100}
            onChange={(typed) => set('holdoutRatio', typed === undefined ? undefined : typed / 100)}
          />
        </div>
        <div className="field-columns">
          <MomentInput label="From" value={startsAt} onChange={(moment) => set('startsAt', moment)} />
          <MomentInput label="Until" value={endsAt} onChange={(moment) => set('endsAt', moment)} />
        </div>
        <label className="choice-option">
          <input
            type="checkbox"
            checked={limit !== undefined}
            onChange={(change) => set('limitPerPerson', change.target.checked ? { times: 3, within: '7d' } : undefined)}
          />
          <span>Limit how often one person sees it</span>
        </label>
        {limit === undefined ? null : (
          <span className="rule-words candidate-limit">
            at most
            <input
              className="input rule-number"
              type="number"
              min={1}
              max={50}
              aria-label="Times"
              value={Number.isNaN(limit.times) ? '' : limit.times}
              onChange={(change) => set('limitPerPerson', { ...limit, times: readNumber(change.target.value) ?? Number.NaN })}
            />
            times within
            <input
              className="input rule-number"
              type="number"
              min={1}
              aria-label="Within how many"
              value={within?.[1] ?? ''}
              onChange={(change) => setWithin(change.target.value, within?.[2] ?? 'd')}
            />
            <select
              className="select"
              aria-label="Unit of time"
              value={within?.[2] ?? 'd'}
              onChange={(change) => setWithin(within?.[1] ?? '', change.target.value)}
            >
              {Object.entries(UNITS).map(([unit, text]) => (
                <option key={unit} value={unit}>
                  {text}
                </option>
              ))}
            </select>
          </span>
        )}
      </div>
    </details>
  );
}

interface NumberInputProps {
  readonly label: string;
  readonly hint: string;
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
}

function NumberInput({ label, hint, value, onChange }: NumberInputProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        type="number"
        step="any"
        aria-describedby={`${id}-hint`}
        value={value === undefined || Number.isNaN(value) ? '' : value}
        onChange={(change) => onChange(readNumber(change.target.value))}
      />
      <p id={`${id}-hint`} className="field-hint">
        {hint}
      </p>
    </div>
  );
}

interface MomentInputProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

/** A moment, typed in the time of the browser and kept with its zone. */
function MomentInput({ label, value, onChange }: MomentInputProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        type="datetime-local"
        value={value === undefined ? '' : toLocal(value)}
        onChange={(change) => onChange(change.target.value === '' ? undefined : new Date(change.target.value).toISOString())}
      />
    </div>
  );
}

function toLocal(moment: string): string {
  const at = new Date(moment);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function readNumber(typed: string): number | undefined {
  return typed === '' ? undefined : Number(typed);
}
