export { createGovernor } from './create-governor.ts';
export type { GovernorOptions } from './create-governor.ts';
export type { Governor, HoldReason, Reservation, SendRequest, SpendRequest } from './contract.ts';
export { GOVERNOR_TABLES } from './tables.ts';
