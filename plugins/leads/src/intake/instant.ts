const ISO_8601 =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)? ?(?<zone>Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * The moment that a text of ISO 8601 tells, in epoch milliseconds; `undefined` for any other text. Whatever else `Date` takes for
 * a date it reads as in the United States, so that 5 January would become 1 May without a word. A time without a zone is one of UTC.
 */
export function readInstant(text: string): number | undefined {
  const match = ISO_8601.exec(text.trim());
  if (match === null) return undefined;
  const [whole] = match;
  const zone = match.groups?.['zone'];
  const isDate = whole.length === 10;
  const bare = (zone === undefined ? whole : whole.slice(0, -zone.length)).trim().replace(' ', 'T').replace(',', '.');
  const at = Date.parse(`${isDate ? `${bare}T00:00` : bare}${zone?.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2') ?? 'Z'}`);
  // 31 February is no date, although `Date` counts on.
  const day = Number(whole.slice(8, 10));
  return Number.isNaN(at) || new Date(Date.parse(`${whole.slice(0, 10)}T00:00Z`)).getUTCDate() !== day ? undefined : at;
}
