import type { TableSpec } from '../../ports.ts';

/** Open waits for events, and those that an event has just ended: `runId/path`. Found by the event's name and one of the person's keys. */
export const WAITS: TableSpec = {
  name: '_pipelines.waits',
  key: 'key',
  indexes: { by_person: { fields: ['awaits', 'people'] } },
  personal: ['people'],
};
