import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';
import { CATALOGUE } from '@tendril/plugin-api';
import { findHome, isAlive, readJson } from './home.ts';
import type { LocalKeys, RunningHub } from './home.ts';

/** Where a command finds the hub, and as whom it asks. */
export interface HubAddress {
  readonly url: string;
  readonly key: string;
}

/** No hub could be reached: a reason of its own, since the remedy is to start one. */
export class HubUnreachable extends Error {
  override readonly name = 'HubUnreachable';
}

/**
 * The hub that a command talks to: flags, then `TENDRIL_URL` and `TENDRIL_KEY`, then the one that runs on the data folder.
 *
 * @throws HubUnreachable when none is named and none runs
 */
export function findHub(given: { readonly url?: string | undefined; readonly key?: string | undefined }, environment: Readonly<Record<string, string | undefined>>): HubAddress {
  const home = findHome(environment);
  const running = readJson<RunningHub>(home.hubFile);
  const url = given.url ?? environment['TENDRIL_URL'] ?? (running && isAlive(running.pid) ? running.url : undefined);
  if (url === undefined) throw new HubUnreachable(`No hub runs on ${home.folder}. Start one with \`tendril start\`, or name one with --url or TENDRIL_URL.`);
  const key = given.key ?? environment['TENDRIL_KEY'] ?? readJson<LocalKeys>(home.localFile)?.secretKey;
  if (key === undefined) throw new TendrilError('KEY_MISSING', { expected: 'a secret key, by --key or TENDRIL_KEY' });
  return { url: url.replace(/\/$/, ''), key };
}

/** Asks the hub's HTTP API. */
export interface HubClient {
  readonly address: HubAddress;
  /** @throws TendrilError as the hub answered it; HubUnreachable when it did not answer */
  request<Answer>(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Every item of a list, page by page, up to a limit. */
  list<Item>(path: string, limit: number): Promise<readonly Item[]>;
}

/** A client of one hub. */
export function createHubClient(address: HubAddress): HubClient {
  async function request<Answer>(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const response = await fetch(`${address.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${address.key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new HubUnreachable(`The hub at ${address.url} does not answer.`, { cause: error });
    });
    const text = await response.text();
    const answer: unknown = text === '' ? undefined : JSON.parse(text);
    if (!response.ok) throw fromProblem(answer, response.status);
    return answer as Answer;
  }
  return {
    address,
    request,
    async list<Item>(path: string, limit: number) {
      const items: Item[] = [];
      let cursor: string | undefined;
      do {
        const separator = path.includes('?') ? '&' : '?';
        const page: { items: Item[]; nextCursor?: string } = await request('GET', `${path}${separator}limit=${Math.min(limit - items.length, 100)}${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
        items.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== undefined && items.length < limit);
      return items;
    },
  };
}

function fromProblem(answer: unknown, status: number): TendrilError {
  const problem = (typeof answer === 'object' && answer !== null ? answer : {}) as { code?: string; details?: Readonly<Record<string, unknown>> };
  if (problem.code !== undefined && problem.code in CATALOGUE) return new TendrilError(problem.code as ErrorCode, problem.details ?? {});
  return new TendrilError('INTERNAL', { status });
}
