import type { Connection, JsonObject } from '@tendril/plugin-api';
import { RUN, source, startHost } from '../fixture.ts';
import type { HostFixture } from '../fixture.ts';
import type { PluginSource } from '../../../src/plugins/index.ts';

/** The account of the connector in tests. */
export const ACCOUNT: Connection = {
  name: 'acme_crm',
  kind: 'account',
  isSandbox: true,
  values: { apiKey: 'secret-1', region: 'eu' },
};

const LOOPBACK = [{ address: '127.0.0.1', family: 4 }] as const;

/** An action that takes and gives anything. */
export function declarative(http: JsonObject, members: JsonObject = {}): JsonObject {
  return { title: 'Does it', effect: 'read', connection: 'account', input: { type: 'object' }, output: true, http, ...members };
}

/** A manifest whose connector asks a server at `place`. */
export function connector(place: string, actions: JsonObject, members: JsonObject = {}): JsonObject & { readonly id: string } {
  return {
    id: 'acme_crm',
    connections: {
      account: {
        type: 'apiKey',
        title: 'Acme account',
        schema: {
          type: 'object',
          additionalProperties: false,
          required: ['apiKey'],
          properties: { apiKey: { type: 'string', writeOnly: true }, region: { type: 'string' } },
        },
        inject: { headers: { Authorization: 'Bearer {apiKey}' } },
      },
    },
    permissions: { hosts: [place], connections: ['account'] },
    http: { baseUrl: `http://${place}/v1` },
    contributes: { actions },
    ...members,
  };
}

/** A source without an entry module. */
export function withoutCode(manifest: JsonObject & { readonly id: string }): PluginSource {
  return source(manifest, undefined, { load: () => Promise.reject(new Error('there is no entry module')) });
}

/** A host that runs the connector and reaches `places`, names of which all lead to this machine. */
export function startConnector(manifest: JsonObject & { readonly id: string }, ...places: readonly string[]): Promise<HostFixture> {
  return startHost([withoutCode(manifest)], { network: { allow: places, resolve: async () => LOOPBACK, bodyLimitBytes: 200_000 } });
}

/** Calls an action of the connector. */
export async function call(
  { host, action }: HostFixture,
  id: string,
  input: JsonObject = {},
  run: { readonly connection?: Connection; readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
): Promise<unknown> {
  const { output } = await host.runAction('acme', action(`acme_crm.${id}`), input, { ...RUN, connection: ACCOUNT, ...run });
  return output;
}
