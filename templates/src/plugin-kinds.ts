/** What can be started from a template: the folder of its files, and what people read. */
export const PLUGIN_KINDS = {
  connector: 'an outside service: a connection, actions that read and write, paging, errors',
  declarative: 'an outside service over HTTP, described in the manifest: no code',
  action: 'one action of its own, without an outside service',
  trigger: 'asks an outside service for what is new, and starts pipelines',
} as const;

/** One of the templates. */
export type PluginKind = keyof typeof PLUGIN_KINDS;

/** Whether the text names a template. */
export function isPluginKind(text: string): text is PluginKind {
  return Object.hasOwn(PLUGIN_KINDS, text);
}

/** Licences that a new plugin can begin with. */
export const LICENSES = ['Apache-2.0', 'MIT'] as const;

/** One of the licences. */
export type License = (typeof LICENSES)[number];

/** Whether the text names a licence that a plugin can begin with. */
export function isLicense(text: string): text is License {
  return (LICENSES as readonly string[]).includes(text);
}
