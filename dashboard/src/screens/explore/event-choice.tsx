import { useState } from 'react';
import type { KnownEvent } from '../../api/customers/analytics.ts';
import { Icon } from '../../ui/icon.tsx';
import { NameInput } from '../../ui/name-input.tsx';

interface EventChoiceProps {
  readonly label: string;
  readonly names: readonly string[];
  readonly known: readonly KnownEvent[];
  readonly onChange: (names: readonly string[]) => void;
}

/** Some events: any of them is meant; all when none is chosen. */
export function EventChoice({ label, names, known, onChange }: EventChoiceProps) {
  const [typed, setTyped] = useState('');
  const offered = known.map(({ name }) => name);
  function take(name: string): void {
    // A name from the list is taken at once; another one with Enter.
    if (offered.includes(name) && !names.includes(name)) {
      onChange([...names, name]);
      setTyped('');
    } else setTyped(name);
  }
  return (
    <div
      className="event-choice"
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || typed.trim() === '') return;
        event.preventDefault();
        if (!names.includes(typed.trim())) onChange([...names, typed.trim()]);
        setTyped('');
      }}
    >
      <NameInput
        label={label}
        value={typed}
        names={offered.filter((name) => !names.includes(name))}
        placeholder={names.length === 0 ? 'Any event' : 'or another'}
        onChange={take}
      />
      {names.length === 0 ? null : (
        <ul className="identity-list" aria-label={`${label}: chosen`}>
          {names.map((name) => (
            <li key={name} className="identity">
              {name}
              <button
                type="button"
                className="chip-remove"
                aria-label={`Leave out ${name}`}
                onClick={() => onChange(names.filter((each) => each !== name))}
              >
                <Icon name="cross" isSmall />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
