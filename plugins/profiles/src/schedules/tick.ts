import type { ScheduleHandler } from '@tendril/plugin-api';
import type { BehavioursRow, CatalogueRow, Settings } from '../gen/manifest.gen.ts';
import { TICKED } from '../segments/index.ts';

/** Says that time went on, if that changes somebody's segments, or if work on definitions waits. The consumer does the rest. */
export const tick: ScheduleHandler<Settings> = async (call) => {
  const now = call.clock.now();
  const [catalogue, due] = await Promise.all([
    call.table<CatalogueRow>('catalogue').get('definitions'),
    call.table<BehavioursRow>('behaviours').query({ index: 'due', from: 0, to: now + 1, limit: 1 }),
  ]);
  if (catalogue === undefined || (!catalogue.value.isBusy && due.items.length === 0)) return;
  call.changes.emit({ name: TICKED, properties: { at: new Date(now).toISOString() } });
};
