import { useId } from 'react';
import type { JsonObject } from '../../api/types.ts';
import { JsonInput } from '../../ui/json-input.tsx';
import type { InputDraft } from './input-draft.ts';
import { SettingInput } from './setting-input.tsx';
import { readFields } from './settings-fields.ts';

interface InputFieldsProps {
  readonly schema: JsonObject | undefined;
  readonly draft: InputDraft;
  readonly faults: Readonly<Record<string, string>>;
  readonly onChange: (draft: InputDraft) => void;
}

/** What a pipeline takes: a field for each property of its schema; JSON where it has none. */
export function InputFields({ schema, draft, faults, onChange }: InputFieldsProps) {
  const id = useId();
  if (schema === undefined)
    return (
      <JsonInput
        id={`${id}-json`}
        label="Input"
        hint="JSON; may stay empty."
        rows={6}
        value={draft.json}
        onChange={(json) => onChange({ ...draft, json })}
      />
    );
  const fields = readFields(schema);
  if (fields.length === 0) return <p className="small soft">It takes no input.</p>;
  return (
    <>
      {fields.map((field) => (
        <SettingInput
          key={field.name}
          id={`${id}-${field.name}`}
          field={field}
          value={draft.fields[field.name] ?? ''}
          fault={faults[field.name]}
          onChange={(value) => onChange({ ...draft, fields: { ...draft.fields, [field.name]: value } })}
        />
      ))}
    </>
  );
}
