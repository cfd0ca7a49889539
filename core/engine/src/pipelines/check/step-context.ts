import type { JsonObject } from '@tendril/plugin-api';
import type { ConnectionInfo } from '../../hub.ts';
import type { Place } from '../source.ts';
import type { ExpressionContext } from './expression-checks.ts';
import type { Known } from './root-schemas.ts';

/** What is known of the pipelines that can be called. */
export interface Calls {
  /** Whether one that is not found is a fault. */
  readonly areJudged: boolean;
  readonly names: readonly string[];
  /** By the pipeline that is called: over which others its run comes back to this one. */
  readonly cyclesById: ReadonlyMap<string, readonly string[]>;
}

/** What steps are checked against. */
export interface StepContext extends ExpressionContext {
  readonly known: Known;
  /** For suggestions. */
  readonly actionNames: readonly string[];
  /** `undefined` where connections cannot be known, as without a hub. */
  readonly connections: readonly Pick<ConnectionInfo, 'name' | 'plugin' | 'kind'>[] | undefined;
  readonly calls: Calls;
  /** Where each id was first seen. */
  readonly placesById: Map<string, Place>;
  /** What the loops around give, by name. */
  readonly each: JsonObject;
  /** Runs are about somebody. */
  readonly hasPerson: boolean;
}
