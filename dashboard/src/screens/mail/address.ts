import type { Json } from '../../api/types.ts';

/** Addresses of a mail in a line, given as a text, as an object with name and address, or as a list of either. */
export function tellAddress(address: Json): string {
  if (typeof address === 'string') return address;
  if (typeof address !== 'object' || address === null) return '';
  if (isList(address)) return address.map(tellAddress).join(', ');
  const [name, mailbox, text, value] = [address['name'], address['address'], address['text'], address['value']];
  if (typeof text === 'string') return text;
  if (value !== undefined) return tellAddress(value);
  if (typeof mailbox !== 'string') return '';
  return typeof name === 'string' && name !== '' ? `${name} <${mailbox}>` : mailbox;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
