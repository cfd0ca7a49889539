import type { Json, JsonObject } from '../../api/types.ts';

/** A pipeline as its file says it. */
export interface DrawnDefinition {
  readonly steps: readonly JsonObject[];
  readonly onError: Json | undefined;
  /** Limits and other members that stand beside the steps, by name. */
  readonly limits: readonly { readonly name: string; readonly value: Json }[];
}

const LIMITS = ['concurrency', 'serial', 'throttle', 'rateLimit', 'debounce', 'batch', 'priority', 'timeout', 'retention'] as const;

/** Reads the text of a pipeline. The parser is fetched when the first pipeline is looked at. @throws when it is neither YAML nor JSON */
export async function readDefinition(source: string): Promise<DrawnDefinition> {
  const { parse } = await import('yaml');
  const definition = asObject(parse(source, { maxAliasCount: 0 }) as Json);
  return {
    steps: readSteps(definition['steps']),
    onError: definition['onError'],
    limits: LIMITS.flatMap((name) => {
      const value = definition[name];
      return value === undefined ? [] : [{ name, value }];
    }),
  };
}

/** The steps of a list; nothing else. */
export function readSteps(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).map(asObject) : [];
}

/** A value as an object; an empty one when it is something else. */
export function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
