import { hash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { Call, DriverContract, DriverOf } from '@tendril/plugin-api';
import type { LoadedPlugin } from './contract.ts';
import type { DriverCaller, RunDriver } from './handler-run.ts';
import type { RunForTenant } from './plugin-consumers.ts';

const TIMEOUT_MS = 60_000;

/** What running drivers needs of the host. */
export interface DriverHost {
  readonly plugins: () => ReadonlyMap<string, LoadedPlugin>;
  readonly enabled: (tenantId: string) => Promise<ReadonlySet<string>>;
  readonly runForTenant: RunForTenant;
  /** Whether this process owns what a driver keeps; all drivers but those of `analytics` keep nothing. */
  readonly owns: (contract: DriverContract) => boolean;
}

/** Runs the driver of a contract that the tenant has enabled; the first by id where there are several. */
export function createRunDriver({ plugins, enabled, runForTenant, owns }: DriverHost): RunDriver {
  return async <Contract extends DriverContract, Output>(
    caller: DriverCaller,
    contract: Contract,
    work: (driver: DriverOf<Contract>, call: Call) => Promise<Output>,
  ): Promise<Output> => {
    const tenantId = caller.tenant.tenant.id;
    const found = find(plugins(), await enabled(tenantId), contract);
    if (found === undefined)
      throw new TendrilError(contract === 'analytics' ? 'DRIVER_MISSING' : 'MODEL_MISSING', { plugin: caller.plugin.id, contract });
    if (!owns(contract)) throw new TendrilError('ANALYTICS_NOT_HERE', { contract, role: 'analytics' });
    const { plugin, id } = found;
    const { isTest, idempotencyKey, attempt, signal, requestId } = caller;
    const { output } = await runForTenant(
      tenantId,
      {
        plugin,
        handler: `driver ${id}`,
        // A question to a model may be asked again; what a driver keeps for itself it keeps once.
        ceiling: { effect: 'read', idempotency: 'natural' },
        isTest,
        idempotencyKey: hash('sha256', `${idempotencyKey}/${plugin.id}.${id}`, 'hex').slice(0, 48),
        attempt,
        timeoutMs: TIMEOUT_MS,
        ...(signal !== undefined && { signal }),
        ...(requestId !== undefined && { requestId }),
      },
      async (runner, call) => {
        const driver = runner.driver(id);
        if (driver === undefined)
          throw new TendrilError('PLUGIN_IMPLEMENTATION_MISMATCH', { plugin: plugin.id, missing: [`driver ${id}`] });
        // The contract of the manifest says which of them it is.
        return work(driver as DriverOf<Contract>, call);
      },
    );
    return output;
  };
}

/** Whether the tenant has enabled a driver of the contract. */
export async function hasDriver(
  { plugins, enabled }: Pick<DriverHost, 'plugins' | 'enabled'>,
  tenantId: string,
  contract: DriverContract,
): Promise<boolean> {
  return find(plugins(), await enabled(tenantId), contract) !== undefined;
}

function find(
  plugins: ReadonlyMap<string, LoadedPlugin>,
  enabled: ReadonlySet<string>,
  contract: DriverContract,
): { readonly plugin: LoadedPlugin; readonly id: string } | undefined {
  for (const plugin of [...enabled].toSorted().map((id) => plugins.get(id))) {
    const [id] = Object.entries(plugin?.manifest.contributes.drivers ?? {}).find(([, driver]) => driver.contract === contract) ?? [];
    if (plugin !== undefined && id !== undefined) return { plugin, id };
  }
  return undefined;
}
