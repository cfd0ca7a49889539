import type { Setting } from '@tendril/schemas';
import type { PipelineFault } from '../../hub.ts';
import type { Definition } from '../definition.ts';
import type { PipelineSource } from '../source.ts';

/** Checks that defaults and choices of settings fit. */
export function checkSettings(source: PipelineSource, definition: Definition): readonly PipelineFault[] {
  return Object.entries(definition.settings ?? {}).flatMap(([name, setting]) => {
    const problem = settingProblem(setting, setting.default);
    if (problem !== undefined)
      return [source.fault('PIPELINE_INVALID', `The default of \`${name}\` ${problem}.`, ['settings', name, 'default'])];
    const odd = setting.enum?.findIndex((value) => typeProblem(setting, value) !== undefined) ?? -1;
    return odd === -1
      ? []
      : [source.fault('PIPELINE_INVALID', `A choice of \`${name}\` is not a ${setting.type}.`, ['settings', name, 'enum', odd])];
  });
}

function typeProblem(setting: Setting, value: unknown): string | undefined {
  if (setting.type === 'integer') return Number.isSafeInteger(value) ? undefined : 'has to be a whole number';
  if (setting.type === 'number') return typeof value === 'number' && Number.isFinite(value) ? undefined : 'has to be a number';
  return typeof value === setting.type ? undefined : `has to be ${setting.type === 'string' ? 'text' : 'true or false'}`;
}

/** What is wrong with the value of a setting; `undefined` when nothing is. */
export function settingProblem(setting: Setting, value: unknown): string | undefined {
  const problem = typeProblem(setting, value);
  if (problem !== undefined) return problem;
  if (setting.enum !== undefined && !setting.enum.some((choice) => choice === value))
    return `has to be one of ${setting.enum.map(String).join(', ')}`;
  if (typeof value === 'number' && setting.minimum !== undefined && value < setting.minimum)
    return `has to be at least ${String(setting.minimum)}`;
  if (typeof value === 'number' && setting.maximum !== undefined && value > setting.maximum)
    return `has to be at most ${String(setting.maximum)}`;
  return undefined;
}
