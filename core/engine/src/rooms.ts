export { createHubWithRooms } from './create-hub.ts';
export type { HubOptions, HubRooms } from './create-hub.ts';
export type { ActionDescription, ActionPath, ActionRequest, ActionResult } from './actions/index.ts';
