import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Call } from '@tendril/plugin-api';
import { createSandboxControl, startSandboxes } from '@tendril/testkit/sandboxes';
import type { SandboxControl } from '@tendril/testkit/sandboxes';

/** A request and its answer as they went over the wire. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly requestBody: unknown;
  readonly status: number;
  readonly responseBody: unknown;
}

/** A running HubSpot sandbox with what the tests ask of it. */
export interface HubSpotSandbox extends SandboxControl {
  readonly url: string;
  /** What the connector's calls exchanged, oldest first. */
  readonly exchanges: Exchange[];
  /** @param options.kind `oauth2` uses the token that `refresh` gives */
  call(options?: { readonly kind?: 'private_app' | 'oauth2'; readonly signal?: AbortSignal }): Call;
  refresh(): Promise<Exchange>;
  close(): Promise<void>;
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

function refuse(): never {
  throw new Error('the connector must not use this');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Starts the sandboxes in a new folder. */
export async function startHubSpotSandbox(): Promise<HubSpotSandbox> {
  const folder = mkdtempSync(join(tmpdir(), 'tendril-hubspot-'));
  const sandboxes = await startSandboxes({ folder });
  const { hubspot } = sandboxes.services;
  const exchanges: Exchange[] = [];
  let oauthToken = hubspot.oauth.accessToken;

  async function exchange(url: string | URL, init: RequestInit, body: unknown): Promise<{ response: Response; seen: Exchange }> {
    const response = await fetch(url, init);
    const seen = { method: init.method ?? 'GET', url: new URL(url), requestBody: body, status: response.status, responseBody: parse(await response.clone().text()) };
    return { response, seen };
  }

  return {
    ...createSandboxControl(hubspot.url),
    url: hubspot.url,
    exchanges,
    call: ({ kind = 'private_app', signal = new AbortController().signal } = {}) => ({
      tenant: { id: 'one', name: 'One', timeZone: 'UTC' }, isTest: false, settings: {}, idempotencyKey: 'run-1-step', attempt: 1, signal, clock: { now: () => 0 }, log: silent,
      connection: { name: 'main', kind, isSandbox: true, values: { basePath: `${hubspot.basePath}/` } },
      // As the broker does: credentials by the manifest's `inject`, the call's signal on every request.
      fetch: async (url, init = {}) => {
        const headers = new Headers(init.headers);
        if (!headers.has('authorization')) headers.set('authorization', `Bearer ${kind === 'oauth2' ? oauthToken : hubspot.accessToken}`);
        const { response, seen } = await exchange(url, { ...init, headers, signal }, typeof init.body === 'string' ? parse(init.body) : undefined);
        exchanges.push(seen);
        return response;
      },
      get kv() { return refuse(); }, get changes() { return refuse(); }, get agent() { return refuse(); }, get events() { return refuse(); }, get actions() { return refuse(); }, get permit() { return refuse(); },
      table: refuse,
    }),
    async refresh() {
      const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: hubspot.clientId, client_secret: hubspot.clientSecret, refresh_token: hubspot.refreshToken });
      const { seen } = await exchange(`${hubspot.basePath}/oauth/v3/token`, { method: 'POST', body: form }, Object.fromEntries(form));
      const { responseBody } = seen;
      if (typeof responseBody === 'object' && responseBody !== null && 'access_token' in responseBody) oauthToken = String(responseBody.access_token);
      return seen;
    },
    async close() {
      await sandboxes.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
