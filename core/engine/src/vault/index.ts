export { createConnections } from './connections.ts';
export type { Connections, ConnectionsOptions } from './connections.ts';
export type { ConnectionKind, ConnectionRecord } from './connection-record.ts';
export { createKeyring } from './keyring.ts';
export type { VaultKeyring } from './keyring.ts';
export { indexHash, open, seal, SEAL_CODEC } from './seal.ts';
export type { SealKey } from './seal.ts';
export { VAULT_TABLES } from './tables.ts';
export type { RefreshedToken, RefreshToken } from './token-refresher.ts';
