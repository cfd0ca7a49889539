export type * from './gen/plugin.gen.ts';
export type { Batch, Concurrency, Debounce, Pages, Pipeline, RateLimit, Retry, Serial, Setting, Throttle } from './gen/pipeline.gen.ts';
export { pipelineSchema } from './gen/pipeline.schema.gen.ts';
export type { PipelineTest } from './gen/pipeline-test.gen.ts';
export { pipelineTestSchema } from './gen/pipeline-test.schema.gen.ts';
export { pluginSchema } from './gen/plugin.schema.gen.ts';
export { validateManifest, validatePipelineTest } from './validators.ts';
export type { SchemaProblem, Validator } from './validators.ts';
