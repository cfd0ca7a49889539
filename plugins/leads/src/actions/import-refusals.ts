import type { ActionHandler } from '@tendril/plugin-api';
import type { ImportRefusalsInput, ImportRefusalsOutput, ImportRefusalsRow, Settings } from '../gen/manifest.gen.ts';
import { toCsv } from '../imports/csv.ts';
import { readImport } from '../imports/import-view.ts';
import { REFUSALS } from '../imports/read-rows.ts';

/** Refused rows in their order. @throws TendrilError NOT_FOUND */
export const importRefusals: ActionHandler<ImportRefusalsInput, ImportRefusalsOutput, Settings> = async (
  { import: id, limit = 100, cursor, format },
  call,
) => {
  await readImport(id, call);
  const items: ImportRefusalsOutput['items'][number][] = [];
  let next = cursor;
  do {
    const page = await call
      .table<ImportRefusalsRow>('import_refusals')
      .query({ index: 'by_first', equals: { import: id }, limit: 1, ...(next === undefined ? {} : { cursor: next }) });
    items.push(...page.items.flatMap(({ value }) => value.items.map((refusal) => ({ ...refusal, message: REFUSALS[refusal.code] }))));
    next = page.nextCursor;
  } while (next !== undefined && items.length < limit);
  return {
    items,
    ...(format === 'csv' ? { csv: toCsv(items, cursor === undefined) } : {}),
    ...(next === undefined ? {} : { nextCursor: next }),
  };
};
