import type { Host } from '@tendril/plugin-api';
import { tick } from '../schedules/tick.ts';

/** Registers what belongs to segments and computed traits. */
export function registerSegments(host: Host): void {
  host.schedule('tick', tick);
}
