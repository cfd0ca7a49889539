import type { Tenant } from '../hub.ts';
import type { TenantKeys, TenantLog, TenantState } from '../ports.ts';

/** One tenant opened: its keys unwrapped and its repositories at hand. What the other rooms work with. */
export interface OpenTenant {
  readonly tenant: Tenant;
  readonly keys: TenantKeys;
  readonly log: TenantLog;
  readonly state: TenantState;
}

/** Opens tenants; keeps them open. */
export interface TenantOpener {
  /** @throws TendrilError NOT_FOUND */
  open(tenantId: string): Promise<OpenTenant>;
  /** Ids of all tenants, as of now. */
  ids(): Promise<readonly string[]>;
}
