export { createPlugin, writePlugin } from './create-plugin.ts';
export type { CreatedPlugin, NewPlugin } from './create-plugin.ts';
export { askForPlugin } from './ask-for-plugin.ts';
export { CannotCreate } from './cannot-create.ts';
export { GENERATED_TYPES, generateManifestTypes } from './manifest-types.ts';
export { checkPluginId, ID_RULE, nearestPluginId, TAKEN_IDS, titleOf } from './plugin-id.ts';
export type { IdProblem } from './plugin-id.ts';
export { isLicense, isPluginKind, LICENSES, PLUGIN_KINDS } from './plugin-kinds.ts';
export type { License, PluginKind } from './plugin-kinds.ts';
