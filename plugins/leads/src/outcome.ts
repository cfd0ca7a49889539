import type { LoggedEvent } from '@tendril/plugin-api';
import type { Settings } from './gen/manifest.gen.ts';

/** Whether the event tells an outcome, and which; `undefined` when it tells none. */
export function outcomeOf(event: LoggedEvent, { outcome }: Settings): boolean | undefined {
  if (outcome === undefined || event.name !== outcome.event || !Object.hasOwn(event.properties, outcome.property)) return undefined;
  const value = event.properties[outcome.property];
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value === 1 ? true : value === 0 ? false : undefined;
  if (typeof value !== 'string') return undefined;
  if (/^(true|yes|1)$/i.test(value.trim())) return true;
  return /^(false|no|0)$/i.test(value.trim()) ? false : undefined;
}
