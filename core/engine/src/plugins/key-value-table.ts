import type { TableSpec } from '../ports.ts';

/** Values of `call.kv` of all plugins of a tenant. */
export const KEY_VALUES: TableSpec = {
  name: '_plugins.kv',
  key: 'id',
  // A key may be an e-mail address.
  personal: ['id'],
  indexes: { by_expiry: { fields: ['expiresAt'] } },
};
