import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { Setting } from '@tendril/schemas';
import type { Problem } from '../hub.ts';
import { nearestName } from '../nearest-name.ts';
import { settingProblem } from './check/check-settings.ts';
import type { Definition } from './definition.ts';
import { withoutUndefined } from './runs/records.ts';

/** What of the settings still fits the definition. */
export function stillValid(definition: Definition, settings: JsonObject): JsonObject {
  const kept = Object.entries(settings).filter(([name, value]) => {
    const setting = definition.settings?.[name];
    return setting !== undefined && settingProblem(setting, value) === undefined;
  });
  return Object.fromEntries(kept);
}

/** @throws TendrilError INPUT_INVALID with all problems */
export function checkedSettings(definition: Definition, settings: JsonObject): JsonObject {
  const known = definition.settings ?? {};
  const problems = Object.entries(settings).flatMap(([name, value]): readonly Problem[] => {
    const setting = Object.hasOwn(known, name) ? known[name] : undefined;
    const pointer = `/${name}`;
    if (setting === undefined) {
      const suggestion = nearestName(name, Object.keys(known));
      return [{ pointer, message: `There is no setting \`${name}\`.`, ...(suggestion === undefined ? {} : { suggestion }) }];
    }
    const problem = settingProblem(setting, value);
    return problem === undefined ? [] : [{ pointer, message: `\`${name}\` ${problem}.` }];
  });
  if (problems.length > 0) throw new TendrilError('INPUT_INVALID', { problems });
  return settings;
}

/** The settings as a form shows them. */
export function settingsSchema(settings: Readonly<Record<string, Setting>>): JsonObject {
  const properties = Object.entries(settings).map(
    ([name, { type, title, description, enum: choices, minimum, maximum, default: standard }]) => [
      name,
      withoutUndefined({ type, title, description, enum: choices, minimum, maximum, default: standard }),
    ],
  );
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(properties) as JsonObject };
}
