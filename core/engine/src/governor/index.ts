export { createGovernor } from './create-governor.ts';
export type { GovernorOptions } from './create-governor.ts';
export type { Governor, HoldReason, Reservation, SendRequest, SpendRequest } from './contract.ts';
export { GOVERNOR_TABLES, RESERVATIONS, RESERVATIONS_KEPT_MS } from './tables.ts';
