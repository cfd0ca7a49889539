import type { ActionHandler } from '@tendril/plugin-api';
import type { ImportsInput, ImportsOutput, ImportsRow, Settings } from '../gen/manifest.gen.ts';

/** Imports, newest first. */
export const imports: ActionHandler<ImportsInput, ImportsOutput, Settings> = async ({ limit = 100, cursor }, call) => {
  const page = await call
    .table<ImportsRow>('imports')
    .query({ index: 'by_time', order: 'descending', limit, ...(cursor === undefined ? {} : { cursor }) });
  const items = page.items.map(({ value }): ImportsOutput['items'][number] => {
    const { columns: _c, mapping: _m, types: _t, consent: _o, isImported: _i, nextRow: _n, refusals: _r, refusalsKept: _k, ...row } = value;
    const { createdAt, finishedAt, ...rest } = row;
    return {
      ...rest,
      createdAt: new Date(createdAt).toISOString(),
      ...(finishedAt === undefined ? {} : { finishedAt: new Date(finishedAt).toISOString() }),
    };
  });
  return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor };
};
