import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { Random } from '../../environment.ts';
import type { Change, TenantState } from '../../ports.ts';
import type { OpenTenant, TenantOpener } from '../../tenants/index.ts';
import { createAddressToken, digestOfToken } from '../../webhooks/index.ts';
import { PLUGIN_WEBHOOKS } from './tables.ts';

/** The address of a plugin's webhook in one tenant. */
export interface PluginWebhookRow {
  /** `plugin.webhook`. */
  readonly key: string;
  readonly plugin: string;
  readonly webhook: string;
  /** Whoever knows it may call. */
  readonly token: string;
  readonly tokenDigest: string;
  /** What its senders sign with, where no connection holds it; sealed by the store, never shown. */
  readonly secret?: string;
  readonly createdAt: number;
}

const PATH = /^\/hooks\/([a-z0-9][a-z0-9_-]{0,62})\/plugins\/([A-Za-z0-9_-]{32})$/;
const ATTEMPTS = 5;
const LONGEST_SECRET = 1_000;

/** Whether a path can be one of the addresses of plugins. */
export function isPluginWebhookPath(path: string): boolean {
  return PATH.test(path);
}

/** Addresses of plugins' webhooks, one for each tenant and webhook: given once, and kept over versions and while the plugin is disabled. */
export class PluginWebhookAddresses {
  readonly #tenants: TenantOpener;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(options: { readonly tenants: TenantOpener; readonly clock: Clock; readonly random: Random }) {
    this.#tenants = options.tenants;
    this.#clock = options.clock;
    this.#random = options.random;
  }

  /** @throws TendrilError NOT_FOUND for a path that is no address, or not any more */
  async locate(path: string): Promise<{ readonly tenant: OpenTenant; readonly row: PluginWebhookRow }> {
    const [, tenantId, token] = PATH.exec(path) ?? [];
    if (tenantId === undefined || token === undefined) throw new TendrilError('NOT_FOUND');
    const tenant = await this.#tenants.open(tenantId).catch(withoutDetails);
    const { items } = await tenant.state.query(PLUGIN_WEBHOOKS, {
      index: 'by_token',
      equals: { tokenDigest: digestOfToken(token) },
      limit: 1,
    });
    const row = items[0]?.value as unknown as PluginWebhookRow | undefined;
    if (row === undefined) throw new TendrilError('NOT_FOUND');
    return { tenant, row };
  }

  /** Its address, made when there is none yet. */
  async ensure(tenantId: string, plugin: string, webhook: string): Promise<PluginWebhookRow> {
    return this.#edit(tenantId, plugin, webhook, (before) => before);
  }

  /** Gives it another address; the old one is gone at once. */
  async rotate(tenantId: string, plugin: string, webhook: string): Promise<PluginWebhookRow> {
    return this.#edit(tenantId, plugin, webhook, (before) => ({ ...before, ...this.#newToken() }));
  }

  /** Replaces what its senders sign with. @throws TendrilError INPUT_INVALID */
  async setSecret(tenantId: string, plugin: string, webhook: string, secret: string): Promise<void> {
    if (secret === '' || secret.length > LONGEST_SECRET)
      throw new TendrilError('INPUT_INVALID', {
        in: 'body',
        problems: [{ pointer: '/secret', message: `must be text of 1 to ${String(LONGEST_SECRET)} characters` }],
      });
    await this.#edit(tenantId, plugin, webhook, (before) => ({ ...before, secret }));
  }

  async #edit(
    tenantId: string,
    plugin: string,
    webhook: string,
    edit: (row: PluginWebhookRow) => PluginWebhookRow,
  ): Promise<PluginWebhookRow> {
    const { state } = await this.#tenants.open(tenantId);
    const key = `${plugin}.${webhook}`;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const { row, version } = await read(state, key);
      const before = row ?? { key, plugin, webhook, ...this.#newToken(), createdAt: this.#clock.now() };
      const next = edit(before);
      if (next === row) return next;
      if ((await state.commit([put(next, version)])).ok) return next;
    }
    throw new TendrilError('CONFLICT', { plugin, webhook });
  }

  #newToken(): Pick<PluginWebhookRow, 'token' | 'tokenDigest'> {
    const token = createAddressToken(this.#random);
    return { token, tokenDigest: digestOfToken(token) };
  }
}

/** Below the public address of the hub. */
export function pathOf(tenantId: string, { token }: PluginWebhookRow): string {
  return `/hooks/${tenantId}/plugins/${token}`;
}

async function read(state: TenantState, key: string): Promise<{ readonly row: PluginWebhookRow | undefined; readonly version: number }> {
  const [row] = await state.get(PLUGIN_WEBHOOKS, [key]);
  return { row: row?.value as unknown as PluginWebhookRow | undefined, version: row?.version ?? 0 };
}

function put(row: PluginWebhookRow, expect: number): Change {
  return { op: 'put', table: PLUGIN_WEBHOOKS, value: row as unknown as JsonObject, expect };
}

/** Which tenants there are is nobody's business who has no address of theirs. */
function withoutDetails(error: unknown): never {
  throw TendrilError.is(error) && error.code === 'NOT_FOUND' ? new TendrilError('NOT_FOUND') : error;
}
