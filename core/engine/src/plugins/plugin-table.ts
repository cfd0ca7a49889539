import type { Aggregate, AggregateQuery, Page, Row, Table, TableQuery } from '@tendril/plugin-api';
import type { TableSpec } from '../ports.ts';
import { outside } from './broker/egress-scope.ts';
import type { RunningCall } from './running-call.ts';

/** `call.table(name)`: reading of one table of the plugin in one tenant's state. */
export class PluginTable implements Table {
  readonly #call: RunningCall;
  readonly #spec: TableSpec;

  constructor(call: RunningCall, spec: TableSpec) {
    this.#call = call;
    this.#spec = spec;
  }

  async getMany(keys: readonly string[]): Promise<readonly (Row | undefined)[]> {
    this.#call.assertAlive();
    return keys.length === 0 ? [] : outside(() => this.#call.run.tenant.state.get(this.#spec, keys));
  }

  async get(key: string): Promise<Row | undefined> {
    const [row] = await this.getMany([key]);
    return row;
  }

  async query(query: TableQuery): Promise<Page<Row>> {
    this.#call.assertAlive();
    return outside(() => this.#call.run.tenant.state.query(this.#spec, query));
  }

  async aggregate(query: AggregateQuery): Promise<readonly Aggregate[]> {
    this.#call.assertAlive();
    return outside(() => this.#call.run.tenant.state.aggregate(this.#spec, query));
  }
}
