import { useId, useRef } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import type { KnownNames } from '../../api/customers/use-known-names.ts';
import { ConditionFault, readFault } from './condition-fault.tsx';
import { FUNCTIONS } from './examples.ts';

interface ConditionInputProps {
  readonly value: string;
  readonly names: KnownNames;
  /** Of the last check. */
  readonly problem: ApiProblem | undefined;
  readonly onChange: (value: string) => void;
}

/** A condition in CEL, with lists of what can be put in, and its faults at their places. */
export function ConditionInput({ value, names, problem, onChange }: ConditionInputProps) {
  const id = useId();
  const ref = useRef<HTMLTextAreaElement>(null);
  const fault = readFault(problem, value);

  function insert(text: string): void {
    const area = ref.current;
    const [start, end] = area === null ? [value.length, value.length] : [area.selectionStart, area.selectionEnd];
    const before = value.slice(0, start);
    const joint = /[^\s(!&|]\s*$/.test(before) && start === end ? (before.endsWith(' ') ? '&& ' : ' && ') : '';
    onChange(before + joint + text + value.slice(end));
    const caret = before.length + joint.length;
    // The new text is marked, once it is in the page, so that it can be typed over.
    requestAnimationFrame(() => show(caret, caret + text.length));
  }
  function show(start: number, end: number): void {
    ref.current?.focus();
    ref.current?.setSelectionRange(start, end);
  }

  return (
    <div className="stack-tight">
      <div className="row condition-pickers">
        <Picker
          label="Put in an event"
          options={names.events.map(({ name }) => ({ insert: `did(${JSON.stringify(name)}, 1, "30d")`, text: name }))}
          onPick={insert}
        />
        <Picker
          label="Put in a trait"
          options={names.traits.map((name) => ({
            insert: /^[A-Za-z_]\w*$/.test(name) ? `profile.traits.${name} == ""` : `profile.traits[${JSON.stringify(name)}] == ""`,
            text: name,
          }))}
          onPick={insert}
        />
        <Picker
          label="Put in a segment"
          options={names.segments.map((name) => ({ insert: `in_segment(${JSON.stringify(name)})`, text: name }))}
          onPick={insert}
        />
        <Picker
          label="Put in a function"
          options={FUNCTIONS.map((each) => ({ insert: each.insert, text: `${each.insert.split(/[("]/)[0] ?? ''}: ${each.text}` }))}
          onPick={insert}
        />
      </div>
      <label htmlFor={id} className="field-label">
        Condition
      </label>
      <textarea
        id={id}
        ref={ref}
        className="input mono condition-text"
        rows={5}
        value={value}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-hint`}
        onChange={(change) => onChange(change.target.value)}
      />
      <p id={`${id}-hint`} className="field-hint">
        Join with <code>&&</code> (and), <code>||</code> (or), <code>!</code> (not). A trait that is missing is never met.
      </p>
      {fault === undefined ? null : <ConditionFault condition={value} fault={fault} onReplace={onChange} onShow={show} />}
    </div>
  );
}

interface PickerProps {
  readonly label: string;
  readonly options: readonly { readonly insert: string; readonly text: string }[];
  readonly onPick: (text: string) => void;
}

function Picker({ label, options, onPick }: PickerProps) {
  if (options.length === 0) return null;
  return (
    <select className="select" aria-label={label} value="" onChange={(change) => onPick(change.target.value)}>
      <option value="">{label}…</option>
      {options.map(({ insert, text }) => (
        <option key={insert} value={insert}>
          {text}
        </option>
      ))}
    </select>
  );
}
