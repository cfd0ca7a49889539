import type { ActionHandler } from '@tendril/plugin-api';
import type { LeadsRow, ListInput, ListOutput, Settings } from '../gen/manifest.gen.ts';
import { toLead } from '../lead-view.ts';

/** Leads, most probable first, those without a score last. */
export const list: ActionHandler<ListInput, ListOutput, Settings> = async ({ status, limit = 100, cursor }, call) => {
  const page = await call.table<LeadsRow>('leads').query({
    ...(status === undefined ? { index: 'by_probability' } : { index: 'by_status', equals: { status } }),
    order: 'descending',
    limit,
    ...(cursor === undefined ? {} : { cursor }),
  });
  const items = page.items.map(({ value }) => toLead(value));
  return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor };
};
