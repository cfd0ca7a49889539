import { FIELD_TYPES } from '../../api/customers/forms.ts';
import type { FormField } from '../../api/customers/forms.ts';
import { MoveButtons } from '../../ui/move-buttons.tsx';

const TYPES: Readonly<Record<FormField['type'], string>> = {
  text: 'Text',
  email: 'E-mail address',
  tel: 'Phone number',
  textarea: 'Long text',
  number: 'Number',
  select: 'One of several',
  checkbox: 'Yes or no',
  url: 'Web address',
  hidden: 'Hidden value',
};

interface FieldEditorProps {
  readonly field: FormField;
  readonly number: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onChange: (field: FormField) => void;
  readonly onMove: (by: 1 | -1) => void;
  readonly onRemove: () => void;
}

/** One field of a form. */
export function FieldEditor({ field, number, isFirst, isLast, onChange, onMove, onRemove }: FieldEditorProps) {
  const which = `field ${String(number)}`;
  const set = (parts: Partial<FormField>): void => {
    // A text that is emptied is left to its default.
    const kept = Object.entries({ ...field, ...parts }).filter(([key, value]) => value !== '' || key === 'label' || key === 'name');
    onChange(Object.fromEntries(kept) as unknown as FormField);
  };
  return (
    <li className="field-edit">
      <div className="field-edit-main">
        <input
          className="input"
          aria-label={`Label of ${which}`}
          placeholder="Label"
          value={field.label}
          autoComplete="off"
          onChange={(change) => set({ label: change.target.value })}
        />
        <select
          className="select"
          aria-label={`Kind of ${which}`}
          value={field.type}
          onChange={(change) => set({ type: FIELD_TYPES.find((type) => type === change.target.value) ?? 'text' })}
        >
          {FIELD_TYPES.map((type) => (
            <option key={type} value={type}>
              {TYPES[type]}
            </option>
          ))}
        </select>
        <MoveButtons what={which} isFirst={isFirst} isLast={isLast} onMove={onMove} onRemove={onRemove} />
      </div>
      <div className="field-edit-more">
        <label className="field">
          <span className="field-hint">Name</span>
          <input
            className="input mono"
            value={field.name}
            autoComplete="off"
            spellCheck={false}
            onChange={(change) => set({ name: change.target.value })}
          />
        </label>
        <label className="field">
          <span className="field-hint">{field.type === 'hidden' ? 'Value' : 'Becomes the trait'}</span>
          {field.type === 'hidden' ? (
            <input
              className="input"
              value={field.value ?? ''}
              autoComplete="off"
              onChange={(change) => set({ value: change.target.value })}
            />
          ) : (
            <input
              className="input mono"
              value={field.trait ?? ''}
              placeholder={field.type === 'email' ? 'email' : field.type === 'tel' ? 'phone' : 'none'}
              autoComplete="off"
              spellCheck={false}
              onChange={(change) => set({ trait: change.target.value })}
            />
          )}
        </label>
        {field.type === 'select' ? (
          <label className="field">
            <span className="field-hint">Choices, with commas between</span>
            <input
              className="input"
              defaultValue={(field.options ?? []).map(({ value }) => value).join(', ')}
              autoComplete="off"
              onChange={(change) => set({ options: readOptions(change.target.value) })}
            />
          </label>
        ) : null}
        {field.type === 'hidden' ? null : (
          <label className="row small">
            <input type="checkbox" checked={field.isRequired === true} onChange={(change) => set({ isRequired: change.target.checked })} />
            needed
          </label>
        )}
      </div>
    </li>
  );
}

function readOptions(typed: string): readonly { readonly value: string }[] {
  return [...new Set(typed.split(','))].map((value) => value.trim()).flatMap((value) => (value === '' ? [] : [{ value }]));
}
