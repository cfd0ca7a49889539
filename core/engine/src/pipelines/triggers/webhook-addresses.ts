import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { Random } from '../../environment.ts';
import type { EnvironmentName } from '../../environments.ts';
import type { Change, TenantState } from '../../ports.ts';
import type { OpenTenant, TenantOpener } from '../../tenants/contract.ts';
import { createAddressToken, digestOfToken } from '../../webhooks/index.ts';
import type { CompiledTrigger } from '../compiled.ts';
import type { Deployed, Deployments } from '../deployments.ts';
import { deployedKey } from '../deployed-records.ts';
import type { DeployChanges } from '../pipeline-service.ts';
import { GENERATION_COUNTER } from '../tables.ts';
import { WEBHOOKS } from './tables.ts';

/** The address of a deployed pipeline. */
export interface WebhookRow {
  /** `pipeline@environment`. */
  readonly key: string;
  readonly pipeline: string;
  readonly environment: EnvironmentName;
  /** Whoever knows it may call. */
  readonly token: string;
  readonly tokenDigest: string;
  /** What its senders sign with; sealed by the store, never shown. */
  readonly secret?: string;
  readonly createdAt: number;
}

/** Where a request goes. */
export interface Located {
  readonly tenant: OpenTenant;
  readonly deployed: Deployed;
  readonly row: WebhookRow;
}

/** What addresses need. */
export interface WebhookAddressesOptions {
  readonly tenants: TenantOpener;
  readonly deployments: Deployments;
  readonly clock: Clock;
  readonly random: Random;
  /** Whether a trigger needs an address. */
  readonly needsAddress: (trigger: CompiledTrigger) => boolean;
}

const PATH = /^\/hooks\/([a-z0-9][a-z0-9_-]{0,62})\/([A-Za-z0-9_-]{32})$/;
const ATTEMPTS = 5;
const MOST_KNOWN = 10_000;
const LONGEST_SECRET = 1_000;

/** Addresses of webhooks: given with a deployment, found by whoever calls. */
export class WebhookAddresses {
  readonly #options: WebhookAddressesOptions;
  readonly #known = new Map<string, Located>();

  constructor(options: WebhookAddressesOptions) {
    this.#options = options;
  }

  /** An address is given once and kept, over versions and over times in which nothing is in force. */
  readonly deployChanges: DeployChanges = async (record, compiled, { tenantId }) => {
    if (compiled === undefined || !this.#options.needsAddress(compiled.trigger)) return [];
    const { state } = await this.#options.tenants.open(tenantId);
    const { row } = await this.#read(state, record.id, record.environment);
    return row === undefined ? [put(this.#newRow(record.id, record.environment), 0)] : [];
  };

  /** @throws TendrilError NOT_FOUND for a path that is no address, or not any more */
  async locate(path: string): Promise<Located> {
    const [, tenantId = '', token = ''] = PATH.exec(path) ?? [];
    if (token === '') throw new TendrilError('NOT_FOUND');
    const known = this.#known.get(path);
    if (known !== undefined) {
      const { id, environment } = known.deployed.record;
      // Everything that changes an address changes what is deployed, too.
      if ((await this.#options.deployments.find(tenantId, id, environment)) === known.deployed) return known;
      this.#known.delete(path);
    }
    const located = await this.#find(tenantId, token);
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(path, located);
    return located;
  }

  async #find(tenantId: string, token: string): Promise<Located> {
    const tenant = await this.#options.tenants.open(tenantId).catch(withoutDetails);
    const tokenDigest = digestOfToken(token);
    const { items } = await tenant.state.query(WEBHOOKS, { index: 'by_token', equals: { tokenDigest }, limit: 1 });
    const found = items[0]?.value as unknown as WebhookRow | undefined;
    if (found === undefined) throw new TendrilError('NOT_FOUND');
    const { pipeline, environment } = found;
    const deployed = await this.#options.deployments.find(tenantId, pipeline, environment);
    // Once more, behind the deployment: what was replaced in between must not be remembered as belonging to it.
    const { row } = await this.#read(tenant.state, pipeline, environment);
    if (row?.tokenDigest !== tokenDigest || deployed === undefined || !this.#options.needsAddress(deployed.compiled.trigger))
      throw new TendrilError('NOT_FOUND');
    return { tenant, deployed, row };
  }

  /** Its path; `undefined` when it has none. */
  async pathOf(tenantId: string, pipeline: string, environment: EnvironmentName): Promise<string | undefined> {
    const { state } = await this.#options.tenants.open(tenantId);
    const { row } = await this.#read(state, pipeline, environment);
    return row && `/hooks/${tenantId}/${row.token}`;
  }

  /** Gives it another address; the old one is gone at once. @returns the new path @throws TendrilError PIPELINE_UNKNOWN when it has none */
  async rotate(tenantId: string, pipeline: string, environment: EnvironmentName): Promise<string> {
    const row = await this.#edit(tenantId, pipeline, environment, (before) => {
      const { token, tokenDigest } = this.#newRow(pipeline, environment);
      return { ...before, token, tokenDigest };
    });
    return `/hooks/${tenantId}/${row.token}`;
  }

  /** Replaces what its senders sign with. @throws TendrilError PIPELINE_UNKNOWN when it has no address, INPUT_INVALID */
  async setSecret(tenantId: string, pipeline: string, environment: EnvironmentName, secret: string): Promise<void> {
    if (secret === '' || secret.length > LONGEST_SECRET)
      throw new TendrilError('INPUT_INVALID', {
        in: 'body',
        problems: [{ pointer: '/secret', message: `must be text of 1 to ${String(LONGEST_SECRET)} characters` }],
      });
    await this.#edit(tenantId, pipeline, environment, (before) => ({ ...before, secret }));
  }

  async #edit(
    tenantId: string,
    pipeline: string,
    environment: EnvironmentName,
    edit: (row: WebhookRow) => WebhookRow,
  ): Promise<WebhookRow> {
    const { state } = await this.#options.tenants.open(tenantId);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const { row, version } = await this.#read(state, pipeline, environment);
      if (row === undefined) throw new TendrilError('PIPELINE_UNKNOWN', { pipeline, environment });
      const next = edit(row);
      // Every process then looks at it anew.
      if ((await state.commit([put(next, version), { op: 'count', counter: GENERATION_COUNTER, by: 1 }])).ok) return next;
    }
    throw new TendrilError('CONFLICT', { pipeline });
  }

  async #read(
    state: TenantState,
    pipeline: string,
    environment: EnvironmentName,
  ): Promise<{ readonly row: WebhookRow | undefined; readonly version: number }> {
    const [row] = await state.get(WEBHOOKS, [deployedKey(pipeline, environment)]);
    return { row: row?.value as unknown as WebhookRow | undefined, version: row?.version ?? 0 };
  }

  #newRow(pipeline: string, environment: EnvironmentName): WebhookRow {
    const token = createAddressToken(this.#options.random);
    return {
      key: deployedKey(pipeline, environment),
      pipeline,
      environment,
      token,
      tokenDigest: digestOfToken(token),
      createdAt: this.#options.clock.now(),
    };
  }
}

/** Which tenants there are is nobody's business who has no address of theirs. */
function withoutDetails(error: unknown): never {
  throw TendrilError.is(error) && error.code === 'NOT_FOUND' ? new TendrilError('NOT_FOUND') : error;
}

function put(row: WebhookRow, expect: number): Change {
  return { op: 'put', table: WEBHOOKS, value: row as unknown as JsonObject, expect };
}
