import type { Dialect } from './dialect.ts';

/** One step of the schema. Forward only; never edited after release. */
export interface Migration {
  /** `NNNN-what`, the name of its file. */
  readonly id: string;
  log(dialect: Dialect): readonly string[];
  state(dialect: Dialect): readonly string[];
}

/** Which of the two stores a migration is applied to. */
export type StoreName = 'log' | 'state';
