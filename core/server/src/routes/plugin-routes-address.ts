/** An address below the prefix of a plugin. */
export interface PluginAddress {
  /** Where the address names one. */
  readonly tenantId: string | undefined;
  readonly plugin: string;
  /** Below the prefix, with its first slash, percent-encoded as it came. */
  readonly path: string;
  /** Behind the question mark; empty without one. */
  readonly search: string;
}

/** As express takes them; `/plugins/crm` itself, without a slash behind it, is a screen of the dashboard. */
export const PLUGIN_PATHS = ['/plugins/:plugin/{*path}', '/t/:tenant/plugins/:plugin/{*path}'] as const;

/** The one of these that an address is, for a metric. */
export function labelOf({ tenantId }: PluginAddress): string {
  return PLUGIN_PATHS[tenantId === undefined ? 0 : 1];
}

const ADDRESS = /^(?:\/t\/([a-z0-9][a-z0-9_-]{0,62}))?\/plugins\/([a-z][a-z0-9_]{0,59})(\/[^?]*)(?:\?(.*))?$/s;
const LONGEST = 8_192;

/** Takes an address apart as it came: what express decodes could hold slashes of its own. */
export function readPluginAddress(url: string): PluginAddress | undefined {
  if (url.length > LONGEST) return undefined;
  const [, tenantId, plugin, path, search = ''] = ADDRESS.exec(url) ?? [];
  return plugin === undefined || path === undefined ? undefined : { tenantId, plugin, path, search };
}
