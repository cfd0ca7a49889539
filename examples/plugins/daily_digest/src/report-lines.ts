import type { ScheduleHandler } from '@tendril/plugin-api';

interface Line {
  readonly id: string;
  readonly text: string;
  readonly notedAt: number;
}

const MOST = 100;

/** The event, the lines' end and the next due time are committed together: a line is reported once, whatever happens in between. */
export const reportLines: ScheduleHandler = async (call) => {
  const { items } = await call.table<Line>('lines').query({ index: 'by_time', limit: MOST });
  if (items.length === 0) return;
  for (const { key, version } of items) call.changes.delete('lines', key, version);
  call.changes.emit({ name: 'Digest Ready', properties: { lines: items.map(({ value }) => value.text) } });
};
