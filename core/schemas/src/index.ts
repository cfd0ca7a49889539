export { checkRelease } from './checks/check-release.ts';
export type { Release, ReleaseProblem } from './checks/check-release.ts';
export { compareManifests } from './checks/compare-manifests.ts';
export type { ManifestChange } from './checks/compare-manifests.ts';
export { refusalsOf, SCHEMA_RULES } from './checks/compare-schemas.ts';
export type { ComparisonOptions, Schema, SchemaRefusal, SchemaRule } from './checks/compare-schemas.ts';
export type { LockFile, PackageSource, PinnedPlugin, PinnedVersion } from './gen/lock.gen.ts';
export { lockSchema } from './gen/lock.schema.gen.ts';
export type * from './gen/plugin.gen.ts';
export type { Batch, Concurrency, Debounce, Pages, Pipeline, RateLimit, Retry, Serial, Setting, Throttle } from './gen/pipeline.gen.ts';
export { pipelineSchema } from './gen/pipeline.schema.gen.ts';
export type { PanelData } from './gen/panel-data.gen.ts';
export { panelDataSchema } from './gen/panel-data.schema.gen.ts';
export type { PipelineTest } from './gen/pipeline-test.gen.ts';
export { pipelineTestSchema } from './gen/pipeline-test.schema.gen.ts';
export { pluginSchema } from './gen/plugin.schema.gen.ts';
export type { Exchange as RecordedExchange, Recording } from './gen/recording.gen.ts';
export { recordingSchema } from './gen/recording.schema.gen.ts';
export type { KeySignature, RegistryRole, RegistryRoot, RegistryRootContent } from './gen/registry-root.gen.ts';
export type {
  PublisherKey,
  RegistryCategory,
  RegistryEntry,
  RegistryIndex,
  RegistryIndexContent,
  RegistryRevocation,
  RegistryVersion,
} from './gen/registry-index.gen.ts';
export { registryIndexSchema } from './gen/registry-index.schema.gen.ts';
export { registryRootSchema } from './gen/registry-root.schema.gen.ts';
export {
  validateLock,
  validateManifest,
  validatePanelData,
  validatePipelineTest,
  validateRecording,
  validateRegistryIndex,
  validateRegistryRoot,
} from './validators.ts';
export type { SchemaProblem, Validator } from './validators.ts';
