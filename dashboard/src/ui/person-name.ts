import type { Json, JsonObject } from '../api/types.ts';

/** What a person is called on screen: their name, or their address, or their id. */
export function namePerson(traits: JsonObject, id: string): string {
  const parts = [text(traits['firstName']), text(traits['lastName'])].filter((part) => part !== '');
  if (parts.length > 0) return parts.join(' ');
  return text(traits['name']) || text(traits['email']) || id;
}

/** The text of a JSON value when it is one, else nothing. */
export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
