import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Call, JsonObject } from '@tendril/plugin-api';
import { fakeCall } from '@tendril/testkit';
import { createSandboxControl, startSandboxes } from '@tendril/testkit/sandboxes';
import type { SandboxControl } from '@tendril/testkit/sandboxes';
import type { Settings } from '../src/gen/manifest.gen.ts';

/** A running Salesforce sandbox with what the tests ask of it. */
export interface SalesforceSandbox extends SandboxControl {
  call(options?: {
    readonly settings?: Settings;
    readonly values?: JsonObject;
    readonly signal?: AbortSignal;
    readonly fetch?: (request: Request) => Promise<Response>;
  }): Call<Settings>;
  /** Asks the token endpoint as the hub does; the next calls carry the new token. */
  refresh(): Promise<{ readonly status: number; readonly body: JsonObject }>;
  close(): Promise<void>;
}

/** Starts the sandboxes in a new folder. */
export async function startSalesforceSandbox(): Promise<SalesforceSandbox> {
  const folder = mkdtempSync(join(tmpdir(), 'tendril-salesforce-'));
  const sandboxes = await startSandboxes({ folder });
  const { salesforce } = sandboxes.services;
  let accessToken = salesforce.accessToken;

  return {
    ...createSandboxControl(salesforce.url),
    call: ({ settings = {}, values = {}, signal = new AbortController().signal, fetch: answer } = {}) =>
      fakeCall<Settings>({
        settings,
        signal,
        connection: {
          name: 'main',
          kind: 'oauth2',
          isSandbox: true,
          values: { instanceUrl: salesforce.instanceUrl, loginUrl: salesforce.loginUrl, ...values },
        },
        // As the broker does: credentials by the manifest's `inject`.
        fetch: (request) => {
          if (!request.headers.has('authorization')) request.headers.set('authorization', `Bearer ${accessToken}`);
          return answer === undefined ? fetch(request) : answer(request);
        },
      }),
    async refresh() {
      const { clientId, clientSecret, refreshToken } = salesforce;
      const form = new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: clientId,
        client_secret: clientSecret,
        refresh_token: refreshToken,
      });
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
