import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Call } from '@tendril/plugin-api';
import { fakeCall } from '@tendril/testkit';
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

  async function exchange(request: Request, body: unknown): Promise<{ response: Response; seen: Exchange }> {
    const { method, url } = request;
    const response = await fetch(request);
    const seen = {
      method,
      url: new URL(url),
      requestBody: body,
      status: response.status,
      responseBody: parse(await response.clone().text()),
    };
    return { response, seen };
  }

  return {
    ...createSandboxControl(hubspot.url),
    url: hubspot.url,
    exchanges,
    call: ({ kind = 'private_app', signal = new AbortController().signal } = {}) =>
      fakeCall({
        signal,
        connection: { name: 'main', kind, isSandbox: true, values: { basePath: `${hubspot.basePath}/` } },
        // As the broker does: credentials by the manifest's `inject`.
        fetch: async (request) => {
          if (!request.headers.has('authorization'))
            request.headers.set('authorization', `Bearer ${kind === 'oauth2' ? oauthToken : hubspot.accessToken}`);
          const body = await request.clone().text();
          const { response, seen } = await exchange(request, body === '' ? undefined : parse(body));
          exchanges.push(seen);
          return response;
        },
      }),
    async refresh() {
      const form = new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: hubspot.clientId,
        client_secret: hubspot.clientSecret,
        refresh_token: hubspot.refreshToken,
      });
      const { seen } = await exchange(
        new Request(`${hubspot.basePath}/oauth/v3/token`, { method: 'POST', body: form }),
        Object.fromEntries(form),
      );
      const { responseBody } = seen;
      if (typeof responseBody === 'object' && responseBody !== null && 'access_token' in responseBody)
        oauthToken = String(responseBody.access_token);
      return seen;
    },
    async close() {
      await sandboxes.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
