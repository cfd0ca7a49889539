import type { Environment } from '@marcbachmann/cel-js';
import { createEnvironment, ROOTS } from './environment.ts';

/** The names that expressions of one kind read: those of pipelines, or of declarative plugins. Make it once. */
export interface RootSet<Name extends string = string> {
  readonly names: readonly Name[];
  /** As a sentence lists them. */
  readonly inWords: string;
  has(name: string): boolean;
  /** Every root is dynamic at run time: types were checked before. */
  environment(): Environment;
}

/** @param names at least one */
export function createRootSet<Name extends string>(names: readonly Name[]): RootSet<Name> {
  const known: ReadonlySet<string> = new Set(names);
  let environment: Environment | undefined;
  return {
    names,
    inWords: names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`,
    has: (name) => known.has(name),
    environment: () => {
      if (environment !== undefined) return environment;
      const made = createEnvironment();
      for (const name of names) made.registerVariable(name, 'dyn');
      environment = made;
      return made;
    },
  };
}

/** What expressions of pipelines read. */
export const PIPELINE_ROOTS = createRootSet(ROOTS);
