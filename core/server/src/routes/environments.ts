import type { EnvironmentName } from '@tendril/engine';

/** The part of a query that says in which environment something is meant. */
export interface EnvironmentQuery {
  readonly environment?: EnvironmentName;
}

/** What a resource with an id has in its path. */
export interface Identified {
  readonly id: string;
}
