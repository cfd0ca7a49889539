export { createActionPath } from './create-action-path.ts';
export { createDynamicFields, DYNAMIC_FIELDS } from './dynamic/dynamic-fields.ts';
export type { DynamicFields } from './dynamic/dynamic-fields.ts';
export { describeAction } from './find-action.ts';
export { aliasesOf, refusedBy, USUAL_PURPOSE } from './person-of-send.ts';
export type { ActionPathOptions, CreatedActionPath } from './create-action-path.ts';
export type { ActionDescription, ActionPath, ActionRequest, ActionResult, Caller } from './contract.ts';
