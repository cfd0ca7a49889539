import { isObject, listOf, objectOf, textOf, wordOf } from './json-values.ts';
import type { DescriptionDocument } from './description-document.ts';
import type { JsonObject } from '@tendril/plugin-api';

/** The address of a service. */
export interface BaseUrl {
  /** `undefined` when the description tells none: each connection has to. */
  readonly url: string | undefined;
  readonly doubt: string | undefined;
}

/** The first server, its variables at their defaults. */
export function readBaseUrl(document: DescriptionDocument): BaseUrl {
  if (document.version === '2') return ofSwagger(document.content);
  const servers = listOf(document.content['servers']).filter(isObject);
  const [first] = servers;
  if (first === undefined) return { url: undefined, doubt: undefined };
  const base = serverUrl(first);
  const doubts = [
    ...(servers.length > 1 ? [`the first of ${servers.length} servers is asked`] : []),
    ...(Object.keys(objectOf(first['variables'])).length > 0 ? ['the variables of the server stand at their defaults'] : []),
  ];
  return { url: base, doubt: doubts.length > 0 ? doubts.join('; ') : undefined };
}

/** The address of a server without a slash at its end; `undefined` when it is none by itself. */
export function serverUrl(server: JsonObject): string | undefined {
  const variables = objectOf(server['variables']);
  const filled = (textOf(server['url']) ?? '').replace(/\{([^{}]*)\}/g, (_whole, name: string) =>
    wordOf(objectOf(variables[name])['default']),
  );
  const url = URL.parse(filled);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function ofSwagger({ host, basePath, schemes }: JsonObject): BaseUrl {
  const name = textOf(host);
  if (name === undefined) return { url: undefined, doubt: undefined };
  const protocols = listOf(schemes);
  const protocol = protocols.length === 0 || protocols.includes('https') ? 'https' : 'http';
  return { url: serverUrl({ url: `${protocol}://${name}${textOf(basePath) ?? ''}` }), doubt: undefined };
}
