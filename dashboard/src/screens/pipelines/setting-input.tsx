import { Icon } from '../../ui/icon.tsx';
import type { SettingField } from './settings-fields.ts';

interface SettingInputProps {
  readonly id: string;
  readonly field: SettingField;
  readonly value: string | boolean;
  readonly fault: string | undefined;
  readonly onChange: (value: string | boolean) => void;
}

/** One setting: its name, the fitting input, what it means, and what is wrong with it. */
export function SettingInput(props: SettingInputProps) {
  const { id, field, fault } = props;
  return (
    <div className="field">
      {field.kind === 'boolean' ? (
        <label className="check">
          <input
            id={id}
            type="checkbox"
            checked={props.value === true}
            onChange={(change) => props.onChange(change.target.checked)}
            aria-describedby={`${id}-hint`}
          />
          {field.title}
        </label>
      ) : (
        <>
          <label htmlFor={id}>{field.title}</label>
          <TypedInput {...props} />
        </>
      )}
      <p id={`${id}-hint`} className={fault === undefined ? 'field-hint' : 'field-fault'}>
        {fault === undefined ? (
          field.description
        ) : (
          <>
            <Icon name="alert" isSmall />
            {fault}
          </>
        )}
      </p>
    </div>
  );
}

function TypedInput({ id, field, value, fault, onChange }: SettingInputProps) {
  const common = {
    id,
    value: String(value),
    'aria-describedby': `${id}-hint`,
    'aria-invalid': fault !== undefined,
    'aria-required': field.isRequired,
  };
  switch (field.kind) {
    case 'choice':
      return (
        <select className="select" {...common} onChange={(change) => onChange(change.target.value)}>
          {field.isRequired || field.fallback !== undefined ? null : <option value="">Not set</option>}
          {field.choices.map((choice) => (
            <option key={JSON.stringify(choice)} value={JSON.stringify(choice)}>
              {typeof choice === 'string' ? choice : JSON.stringify(choice)}
            </option>
          ))}
        </select>
      );
    case 'json':
      return <textarea className="input mono" rows={4} {...common} onChange={(change) => onChange(change.target.value)} />;
    case 'number':
    case 'integer':
      // A text input: a number input hides what was typed wrongly, and steps when one scrolls over it.
      return (
        <input
          className="input number"
          type="text"
          inputMode="decimal"
          autoComplete="off"
          {...common}
          onChange={(change) => onChange(change.target.value)}
        />
      );
    default:
      return <input className="input" type="text" autoComplete="off" {...common} onChange={(change) => onChange(change.target.value)} />;
  }
}
