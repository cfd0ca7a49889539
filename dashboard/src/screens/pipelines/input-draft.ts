import type { JsonObject, PipelineInfo } from '../../api/types.ts';
import { readObject } from '../../ui/json-input.tsx';
import { text } from '../../ui/person-name.ts';
import { findFaults, fromDraft, readFields, toDraft } from './settings-fields.ts';
import type { Draft } from './settings-fields.ts';

/** What is typed in a form for an input: its fields, or JSON where there is no schema. */
export interface InputDraft {
  readonly fields: Draft;
  readonly json: string;
}

/** The form as it is at first. */
export function draftInput({ inputSchema, trigger }: PipelineInfo): InputDraft {
  const fields = inputSchema === undefined ? {} : toDraft(readFields(inputSchema), {});
  return { fields, json: inputSchema === undefined && 'event' in trigger ? '{\n  "properties": {}\n}' : '' };
}

/** An event as the tracking API takes it, to begin with. */
export function draftEvent({ trigger }: PipelineInfo): string {
  const name = text(trigger['event']);
  const event = name.startsWith('$') ? { type: name.slice(1) } : { type: 'track', event: name };
  return JSON.stringify({ ...event, properties: {} }, null, 2);
}

/** What a form means, or what is wrong with it by the name of the field. */
export function readInput(
  schema: JsonObject | undefined,
  { fields, json }: InputDraft,
): { readonly value?: JsonObject; readonly faults: Readonly<Record<string, string>> } {
  if (schema === undefined) {
    const { value } = readObject(json);
    return value === undefined ? { faults: {} } : { value, faults: {} };
  }
  const known = readFields(schema);
  const faults = findFaults(known, fields);
  return Object.keys(faults).length > 0 ? { faults } : { value: fromDraft(known, fields, {}), faults };
}
