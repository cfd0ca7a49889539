import type { Change, TenantKeys, TenantState } from '../ports.ts';

/** Where tenants' keys come from; `vault/` wraps them with the master key. */
export interface Keyring {
  /** The state of the installation itself, under keys derived from the master key. */
  readonly hub: TenantState;
  readonly hubKeys: TenantKeys;
  /** New random keys, and the change to the state of `_hub` that keeps them, to be committed with the tenant. */
  create(tenantId: string): { readonly keys: TenantKeys; readonly change: Change };
  /** @throws TendrilError NOT_FOUND, VAULT_TAMPERED when the master key is not the one that wrapped them */
  open(tenantId: string): Promise<TenantKeys>;
}
