import { TendrilError } from '@tendril/plugin-api';
import type { ReadLimits, RegistryFiles } from './registry-files.ts';

/** The part of `fetch` that is used. */
export type Fetch = (url: URL, options: RequestInit) => Promise<Response>;

const MOST_REDIRECTS = 5;

/**
 * Files on a web server. Redirects are followed to addresses that are allowed only, a body is read no further than its limit, and
 * nothing about this installation is sent along.
 */
export function createWebFiles(base: URL, fetch: Fetch, isAllowed: (url: URL) => boolean): RegistryFiles {
  const folder = new URL(base);
  folder.hash = '';
  folder.search = '';
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';

  async function get(url: URL, signal: AbortSignal, redirects = 0): Promise<Response> {
    const response = await fetch(url, { redirect: 'manual', signal, headers: { accept: '*/*' }, credentials: 'omit' });
    const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
    if (location === null) return response;
    await response.body?.cancel();
    const next = URL.canParse(location, url) ? new URL(location, url) : undefined;
    if (next === undefined || redirects >= MOST_REDIRECTS || !isAllowed(next) || (url.protocol === 'https:' && next.protocol !== 'https:'))
      throw new TendrilError('REGISTRY_UNREACHABLE', { url: shown(url), reason: 'it redirects to where no registry may lie' });
    return get(next, signal, redirects + 1);
  }

  return {
    async read(path, limits) {
      const url = new URL(path, folder);
      const signal = AbortSignal.timeout(limits.timeoutMs);
      try {
        const response = await get(url, signal);
        if (response.status === 404 || response.status === 410) {
          await response.body?.cancel();
          return undefined;
        }
        if (response.status !== 200) {
          await response.body?.cancel();
          throw new TendrilError('REGISTRY_UNREACHABLE', { url: shown(url), status: response.status });
        }
        return await readBody(response, path, limits);
      } catch (error) {
        if (TendrilError.is(error)) throw error;
        const reason = signal.aborted ? `no answer within ${limits.timeoutMs} ms` : reasonOf(error);
        throw new TendrilError('REGISTRY_UNREACHABLE', { url: shown(url), reason }, { cause: error });
      }
    },
  };
}

async function readBody(response: Response, file: string, { mostBytes }: ReadLimits): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // `Content-Length` is the server's word, and before it was unpacked: what counts is what comes.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > mostBytes) {
      throw new TendrilError('REGISTRY_INVALID', { file, reason: `it is larger than ${mostBytes} bytes` });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as { readonly code?: unknown } | undefined) : undefined;
  return typeof cause?.code === 'string' ? cause.code : 'the connection broke';
}

// Without its query: somebody may have put a token there.
function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
