export { createActionPath } from './create-action-path.ts';
export { describeAction } from './find-action.ts';
export type { ActionPathOptions, CreatedActionPath } from './create-action-path.ts';
export type { ActionDescription, ActionPath, ActionRequest, ActionResult, Caller } from './contract.ts';
