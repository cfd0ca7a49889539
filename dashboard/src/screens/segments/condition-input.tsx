import { useId, useRef } from 'react';
import type { ReactNode } from 'react';
import { ConditionFault } from './condition-fault.tsx';
import type { PlacedFault } from './condition-fault.tsx';
import type { Picker } from './condition-pickers.ts';

interface ConditionInputProps {
  readonly value: string;
  /** `Condition` unless told. */
  readonly label?: string;
  readonly hint: ReactNode;
  readonly rows?: number;
  readonly pickers: readonly Picker[];
  /** Of the last check. */
  readonly fault: PlacedFault | undefined;
  readonly onChange: (value: string) => void;
}

/** A condition in CEL, with lists of what can be put in, and its faults at their places. */
export function ConditionInput({ value, label = 'Condition', hint, rows = 5, pickers, fault, onChange }: ConditionInputProps) {
  const id = useId();
  const ref = useRef<HTMLTextAreaElement>(null);

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
        {pickers.map((picker) => (
          <PickerSelect key={picker.label} {...picker} onPick={insert} />
        ))}
      </div>
      <label htmlFor={id} className="field-label">
        {label}
      </label>
      <textarea
        id={id}
        ref={ref}
        className="input mono condition-text"
        rows={rows}
        value={value}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-hint`}
        onChange={(change) => onChange(change.target.value)}
      />
      <p id={`${id}-hint`} className="field-hint">
        {hint}
      </p>
      {fault === undefined ? null : <ConditionFault condition={value} fault={fault} onReplace={onChange} onShow={show} />}
    </div>
  );
}

function PickerSelect({ label, options, onPick }: Picker & { readonly onPick: (text: string) => void }) {
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
