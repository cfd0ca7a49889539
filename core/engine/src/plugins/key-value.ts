import { hash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject, KeyValue, Row } from '@tendril/plugin-api';
import { outside } from './broker/egress-scope.ts';
import type { Problem } from '../hub.ts';
import { KEY_VALUES } from './key-value-table.ts';
import { plainJson } from './plain-json.ts';
import { VALUE_LIMITS } from './run-limits.ts';
import type { RunningCall } from './running-call.ts';

const LONGEST_KEY_BYTES = 120;
const MOST_ATTEMPTS = 8;

/** `call.kv`: rows of one plugin in one tenant's state. */
export class PluginKeyValue implements KeyValue {
  readonly #call: RunningCall;

  constructor(call: RunningCall) {
    this.#call = call;
  }

  async get(key: string): Promise<Json | undefined> {
    const row = await this.#read(key);
    return row === undefined || this.#isGone(row) ? undefined : row.value['value'];
  }

  async set(key: string, value: Json, ttlSeconds?: number): Promise<void> {
    this.#assertPermitted();
    const copy = plainJson(value, VALUE_LIMITS);
    if ('problem' in copy) throw this.#tooMuch(copy.problem);
    await this.#commit({ id: this.#id(key), value: copy.value, ...this.#expiry(ttlSeconds) });
  }

  async delete(key: string): Promise<void> {
    this.#assertPermitted();
    await outside(() => this.#state.commit([{ op: 'delete', table: KEY_VALUES, key: this.#id(key) }]));
  }

  async claim(key: string, owner: string, windowSeconds: number): Promise<boolean> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const row = await this.#read(key);
      if (row !== undefined && !this.#isGone(row)) return row.value['owner'] === owner;
      if (await this.#commit({ id: this.#id(key), owner, ...this.#expiry(windowSeconds) }, row?.version ?? 0)) return true;
    }
    throw new TendrilError('CONFLICT', { plugin: this.#call.run.plugin.id, member: 'kv.claim' });
  }

  get #state(): RunningCall['run']['tenant']['state'] {
    return this.#call.run.tenant.state;
  }

  #assertPermitted(): void {
    this.#call.assertAlive();
    if (this.#call.run.plugin.manifest.permissions?.storage?.includes('kv') !== true) throw this.#call.refused('storage', 'kv');
  }

  #tooMuch(problem: Problem): TendrilError {
    const { plugin, handler } = this.#call.run;
    const origin = { plugin: plugin.id, handler };
    return problem.message.startsWith('is larger')
      ? new TendrilError('PLUGIN_LIMIT_EXCEEDED', { ...origin, limit: 'kv value', mostBytes: VALUE_LIMITS.mostBytes })
      : new TendrilError('INPUT_INVALID', { ...origin, member: 'kv.set', problems: [problem] });
  }

  async #read(key: string): Promise<Row | undefined> {
    this.#assertPermitted();
    const [row] = await outside(() => this.#state.get(KEY_VALUES, [this.#id(key)]));
    return row;
  }

  async #commit(value: JsonObject, expect?: number): Promise<boolean> {
    const result = await outside(() =>
      this.#state.commit([{ op: 'put', table: KEY_VALUES, value, ...(expect !== undefined && { expect }) }]),
    );
    return result.ok;
  }

  #id(key: string): string {
    const own = Buffer.byteLength(key) > LONGEST_KEY_BYTES ? `#${hash('sha256', key, 'hex')}` : key;
    return `${this.#call.run.plugin.id}/${own}`;
  }

  #expiry(seconds: number | undefined): { readonly expiresAt?: number } {
    return seconds === undefined ? {} : { expiresAt: this.#call.environment.clock.now() + seconds * 1_000 };
  }

  #isGone(row: Row): boolean {
    const expiresAt = row.value['expiresAt'];
    return typeof expiresAt === 'number' && expiresAt <= this.#call.environment.clock.now();
  }
}
