import type { HttpAction, HttpCheck, HttpPoll } from '@tendril/schemas';

/** What the requests of declarative actions, their checks and triggers have in common. */
export type RequestSpec = Pick<
  HttpAction | HttpCheck | HttpPoll,
  'method' | 'path' | 'url' | 'query' | 'headers' | 'body' | 'form' | 'text' | 'multipart' | 'responseType' | 'accepts' | 'errors'
>;

/** The template of a request's whole address: its own, or the connector's base with its path. */
export function addressTemplate({ path, url }: Pick<RequestSpec, 'path' | 'url'>, baseUrl: string | undefined): string {
  return url ?? `${(baseUrl ?? '').replace(/\/+$/, '')}${path ?? ''}`;
}
