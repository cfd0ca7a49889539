import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import { compileSchema } from '../../events/index.ts';

/** Why a schema that somebody wrote into a pipeline cannot be used, as a part of a sentence; `undefined` when it can. */
export function schemaProblem(schema: JsonObject): string | undefined {
  try {
    compileSchema(schema);
    return undefined;
  } catch (error) {
    const { reason, expected } = TendrilError.is(error) ? error.details : {};
    return [reason, expected].find((text): text is string => typeof text === 'string') ?? 'it does not compile';
  }
}
