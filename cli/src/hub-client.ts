import { CATALOGUE, TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';
import { findHubHome, isAlive, readJson } from './home.ts';
import type { LocalKeys, RunningHub } from './home.ts';
import { readFrames } from './sse.ts';
import type { Frame } from './sse.ts';

/** Where a command finds the hub, and as whom it asks. */
export interface HubAddress {
  readonly url: string;
  readonly key: string;
  /** Where the key was found, for a message when it is refused. */
  readonly keyOrigin: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** No hub could be reached: a reason of its own, since the remedy is to start one. */
export class HubUnreachable extends Error {
  override readonly name = 'HubUnreachable';
}

/**
 * Address of the hub that a command talks to: the flag, then `TENDRIL_URL`, then the one that runs on the data folder.
 *
 * @throws HubUnreachable when none is named and none runs
 */
export function findHubUrl(given: string | undefined, environment: Environment): string {
  const named = given ?? environment['TENDRIL_URL'];
  const url = named ?? localUrl(environment);
  if (url === undefined) {
    const { folder } = findHubHome(environment);
    throw new HubUnreachable(`No hub runs on ${folder}. Start one with \`tendril start\`, or name one with --url or TENDRIL_URL.`);
  }
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new HubUnreachable(`\`${url}\` is not an address of a hub, such as http://127.0.0.1:4000.`);
  }
  return url.replace(/\/+$/, '');
}

/**
 * The hub that a command talks to and the secret key that it shows: flags, then `TENDRIL_URL` and `TENDRIL_KEY`, then what the
 * data folder says. The key of the data folder is shown to a hub on this machine only.
 *
 * @throws HubUnreachable when no hub is named and none runs; TendrilError KEY_MISSING when there is no key
 */
export function findHub(
  given: { readonly url?: string | undefined; readonly key?: string | undefined },
  environment: Environment,
): HubAddress {
  const url = findHubUrl(given.url, environment);
  if (given.key !== undefined) return { url, key: given.key, keyOrigin: '--key' };
  const fromEnvironment = environment['TENDRIL_KEY'];
  if (fromEnvironment !== undefined) return { url, key: fromEnvironment, keyOrigin: 'TENDRIL_KEY' };
  const { localFile } = findHubHome(environment);
  const local = isOnThisMachine(url) ? readJson<LocalKeys>(localFile)?.secretKey : undefined;
  if (local === undefined) throw new TendrilError('KEY_MISSING', { expected: 'a secret key, by --key or TENDRIL_KEY' });
  return { url, key: local, keyOrigin: localFile };
}

/** Whether an address leads to this machine, whatever else it is called. */
export function isOnThisMachine(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

function localUrl(environment: Environment): string | undefined {
  const running = readJson<RunningHub>(findHubHome(environment).hubFile);
  return running !== undefined && isAlive(running.pid) ? running.url : undefined;
}

/** Asks the hub's HTTP API. */
export interface HubClient {
  readonly address: HubAddress;
  /** @throws TendrilError as the hub answered it; HubUnreachable when it did not answer */
  request<Answer>(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /**
   * Asks for an answer in messages as they come.
   *
   * @throws TendrilError as the hub answered it; HubUnreachable when it did not answer, or broke off
   */
  messages(method: string, path: string, body: unknown, signal: AbortSignal): AsyncGenerator<Frame, void>;
  /** Every item of a list, page by page, up to a limit. */
  list<Item>(path: string, limit: number): Promise<readonly Item[]>;
}

const MOST_A_PAGE = 100;

/** A client of one hub. */
export function createHubClient(address: HubAddress): HubClient {
  async function request<Answer>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const response = await fetchHub(address.url, path, {
      method,
      headers: {
        authorization: `Bearer ${address.key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await readAnswer(address.url, response, { key: address.keyOrigin })) as Answer;
  }
  async function* messages(method: string, path: string, body: unknown, signal: AbortSignal): AsyncGenerator<Frame, void> {
    const response = await fetchHub(address.url, path, {
      method,
      headers: { authorization: `Bearer ${address.key}`, 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify(body),
      signal,
    });
    if (!response.ok || response.body === null) {
      await readAnswer(address.url, response, { key: address.keyOrigin });
      return;
    }
    yield* readFrames(response.body);
  }
  return {
    address,
    request,
    messages,
    async list<Item>(path: string, limit: number) {
      const items: Item[] = [];
      let cursor: string | undefined;
      do {
        const query = new URLSearchParams({
          limit: String(Math.min(limit - items.length, MOST_A_PAGE)),
          ...(cursor === undefined ? {} : { cursor }),
        });
        const page: { items: Item[]; nextCursor?: string } = await request(
          'GET',
          `${path}${path.includes('?') ? '&' : '?'}${query.toString()}`,
        );
        items.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== undefined && items.length < limit);
      return items;
    },
  };
}

/**
 * Sends one request to a hub.
 *
 * @throws HubUnreachable when nothing answers at the address
 */
export async function fetchHub(url: string, path: string, init: RequestInit): Promise<Response> {
  return fetch(`${url}${path}`, init).catch((error: unknown) => {
    if (init.signal?.aborted) throw error;
    throw new HubUnreachable(`The hub at ${url} does not answer. Does it run? \`tendril doctor\` tells.`, { cause: error });
  });
}

/**
 * Reads a hub's answer.
 *
 * @param keyOrigin where the key was found, said when it is refused
 * @throws TendrilError as the hub answered it; HubUnreachable when something else than a hub answered
 */
export async function readAnswer(url: string, response: Response, keyOrigin: { readonly key: string }): Promise<unknown> {
  const text = await response.text();
  const answer = parse(text);
  if (answer === undefined && (text !== '' || !response.ok)) {
    throw new HubUnreachable(`What answers at ${url} is not a Tendril hub (status ${response.status}).`);
  }
  if (!response.ok) throw fromProblem(answer, response.status, keyOrigin);
  return answer;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A problem as the hub tells it. */
export interface ProblemDetails {
  readonly status?: number;
  readonly code?: string;
  readonly title?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A problem as the hub tells it, as the error that it was. */
export function fromProblem(answer: unknown, status: number, keyOrigin: { readonly key: string }): TendrilError {
  const { code, title, details } = (typeof answer === 'object' && answer !== null ? answer : {}) as ProblemDetails;
  // A newer hub may know codes that this command does not.
  if (code === undefined || !Object.hasOwn(CATALOGUE, code)) return new TendrilError('INTERNAL', { status, code, title, ...details });
  const refusesKey = code === 'KEY_INVALID' || code === 'KEY_SCOPE_MISSING';
  return new TendrilError(code as ErrorCode, { ...details, ...(refusesKey ? { key: `the one from ${keyOrigin.key}` } : {}) });
}
