const LONGEST_ID = 60;

/** `listContacts`, `contacts.list`, `GET /contacts` as an id: lower case, single underscores, at most 60 characters, beginning with a letter. */
export function snakeCase(name: string): string {
  const words = name
    .normalize('NFKD')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '');
  return words.slice(0, LONGEST_ID).replace(/_+$/, '');
}

/** The first of `id`, `id_2`, `id_3`… that is not taken. */
export function freeId(id: string, isTaken: (id: string) => boolean): string {
  if (!isTaken(id)) return id;
  for (let number = 2; ; number += 1) {
    const suffix = `_${number}`;
    const candidate = `${id.slice(0, LONGEST_ID - suffix.length).replace(/_+$/, '')}${suffix}`;
    if (!isTaken(candidate)) return candidate;
  }
}
