import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Call, JsonObject } from '@tendril/plugin-api';
import { createSandboxControl, startSandboxes } from '@tendril/testkit/sandboxes';
import type { SandboxControl } from '@tendril/testkit/sandboxes';
import type { Settings } from '../src/gen/manifest.gen.ts';

/** A running Salesforce sandbox with what the tests ask of it. */
export interface SalesforceSandbox extends SandboxControl {
  call(options?: { readonly settings?: Settings; readonly values?: JsonObject; readonly signal?: AbortSignal; readonly fetch?: Call['fetch'] }): Call<Settings>;
  /** Asks the token endpoint as the hub does; the next calls carry the new token. */
  refresh(): Promise<{ readonly status: number; readonly body: JsonObject }>;
  close(): Promise<void>;
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

function refuse(): never {
  throw new Error('the connector must not use this');
}

/** Starts the sandboxes in a new folder. */
export async function startSalesforceSandbox(): Promise<SalesforceSandbox> {
  const folder = mkdtempSync(join(tmpdir(), 'tendril-salesforce-'));
  const sandboxes = await startSandboxes({ folder });
  const { salesforce } = sandboxes.services;
  let accessToken = salesforce.accessToken;

  return {
    ...createSandboxControl(salesforce.url),
    call({ settings = {}, values = {}, signal = new AbortController().signal, fetch: ownFetch } = {}) {
      return {
        tenant: { id: 'one', name: 'One', timeZone: 'UTC' }, isTest: false, settings, idempotencyKey: 'run-1-step', attempt: 1, signal, clock: { now: () => 0 }, log: silent,
        connection: { name: 'main', kind: 'oauth2', isSandbox: true, values: { instanceUrl: salesforce.instanceUrl, loginUrl: salesforce.loginUrl, ...values } },
        // As the broker does: credentials by the manifest's `inject`, the call's signal on every request.
        fetch: ownFetch ?? ((url, init = {}) => {
          const headers = new Headers(init.headers);
          if (!headers.has('authorization')) headers.set('authorization', `Bearer ${accessToken}`);
          return fetch(url, { ...init, headers, signal });
        }),
        get kv() { return refuse(); }, get changes() { return refuse(); }, get agent() { return refuse(); }, get events() { return refuse(); }, get actions() { return refuse(); }, get permit() { return refuse(); },
        table: refuse,
      };
    },
    async refresh() {
      const { clientId, clientSecret, refreshToken } = salesforce;
      const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken });
      const response = await fetch(`${salesforce.loginUrl}/services/oauth2/token`, { method: 'POST', body: form });
      const text = await response.text();
      const body = (response.headers.get('content-type') ?? '').startsWith('application/json') ? (JSON.parse(text) as JsonObject) : {};
      if (typeof body['access_token'] === 'string') accessToken = body['access_token'];
      return { status: response.status, body };
    },
    async close() {
      await sandboxes.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
