import type { JsonObject } from '@tendril/plugin-api';
import type { ActionDescription } from '../../actions/contract.ts';
import type { ConnectionInfo, PipelineFault } from '../../hub.ts';
import type { SourceDescription } from '../../plugins/index.ts';
import type { CompiledPipeline } from '../compiled.ts';
import type { Definition } from '../definition.ts';

/** What a pipeline is checked against. */
export interface CheckEnvironment {
  /** By `plugin.action`, or by capability: then the connection of the step says whose action it is. */
  findAction(name: string, connection?: string): Promise<ActionDescription | undefined>;
  /** For suggestions. */
  actionNames(): readonly string[];
  /** `undefined` where they cannot be known, as without a hub: then they are not checked. */
  connections(): Promise<readonly Pick<ConnectionInfo, 'name' | 'plugin' | 'kind'>[] | undefined>;
  /** The schema of an event's properties, where the tenant has one. */
  eventSchema?(name: string): Promise<JsonObject | undefined>;
  /** Triggers of plugins. Without it they are not judged. */
  sources?(): readonly SourceDescription[];
  /** The pipeline that a `call` means. Without it calls are not judged. */
  pipeline?(id: string): Promise<Definition | undefined>;
  /** All that could be called, for suggestions. Without it one that is not found may exist elsewhere. */
  pipelineNames?(): Promise<readonly string[]>;
}

/** What checking came to; `compiled` and `definition` are there when there is no fault. */
export interface CheckResult {
  readonly faults: readonly PipelineFault[];
  readonly definition?: Definition;
  readonly compiled?: CompiledPipeline;
}
