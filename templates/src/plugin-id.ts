/** What an id has to look like, in a sentence. */
export const ID_RULE = 'lower case letters, digits and single underscores, beginning with a letter, at most 60 characters';

/** Ids of plugins that come with Tendril, and words that would be mistaken for parts of it. */
export const TAKEN_IDS: ReadonlySet<string> = new Set([
  'profiles',
  'leads',
  'analytics',
  'duckdb',
  'email',
  'webhook',
  'salesforce',
  'hubspot',
  'segment',
  'demo',
  'tendril',
  'plugin',
]);

/** What is wrong with an id, and the nearest one that would do. */
export interface IdProblem {
  readonly message: string;
  readonly suggestion: string;
}

/** Checks the id of a new plugin. @returns `undefined` when it will do */
export function checkPluginId(id: string): IdProblem | undefined {
  if (!/^[a-z](?:[a-z0-9]|_(?!_))*$/.test(id) || id.length > 60)
    return { message: `\`${id}\` is no id of a plugin: ${ID_RULE}.`, suggestion: nearestPluginId(id) };
  if (TAKEN_IDS.has(id)) return { message: `The id \`${id}\` is taken: it is part of Tendril.`, suggestion: nearestPluginId(id) };
  return undefined;
}

/** The nearest text that will do as an id. */
export function nearestPluginId(text: string): string {
  const words = text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+/, '')
    .slice(0, 60)
    .replace(/_+$/, '');
  const id = words === '' ? 'my_plugin' : words;
  return TAKEN_IDS.has(id) ? `my_${id}` : id;
}

/** What people read, unless told otherwise: `acme_crm` becomes `Acme crm`. */
export function titleOf(id: string): string {
  const words = id.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
