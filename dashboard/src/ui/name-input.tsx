import { useId } from 'react';

interface NameInputProps {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  readonly placeholder?: string;
  readonly value: string;
  readonly names: readonly string[];
  readonly onChange: (value: string) => void;
}

/** A name to type, with those that there are to choose from. */
export function NameInput({ label, isLabelHidden = false, placeholder, value, names, onChange }: NameInputProps) {
  const id = useId();
  return (
    <span className="field">
      <label htmlFor={id} className={isLabelHidden ? 'visually-hidden' : undefined}>
        {label}
      </label>
      <input
        id={id}
        className="input"
        list={`${id}-names`}
        value={value}
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
        onChange={(change) => onChange(change.target.value)}
      />
      <datalist id={`${id}-names`}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </span>
  );
}
