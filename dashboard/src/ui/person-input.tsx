import { useId } from 'react';
import { api } from '../api/client.ts';
import { useResource } from '../api/use-resource.ts';
import { namePerson } from './person-name.ts';

interface PersonInputProps {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Chooses a person by id; those seen last are offered with their names. */
export function PersonInput({ label, hint, value, onChange }: PersonInputProps) {
  const id = useId();
  const people = useResource('people-offered', (signal) => api.people({}, signal));
  const chosen = people.value?.items.find((person) => person.id === value);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        list={`${id}-people`}
        autoComplete="off"
        aria-describedby={`${id}-hint`}
        value={value}
        onChange={(change) => onChange(change.target.value.trim())}
      />
      <datalist id={`${id}-people`}>
        {(people.value?.items ?? []).map((person) => (
          <option key={person.id} value={person.id} label={namePerson(person.traits, person.id)} />
        ))}
      </datalist>
      <p id={`${id}-hint`} className="field-hint">
        {chosen === undefined ? hint : namePerson(chosen.traits, chosen.id)}
      </p>
    </div>
  );
}
