import type { ActionHandler } from '@tendril/plugin-api';
import { readComponents } from './components.ts';
import type { Settings } from './components.ts';

/** The panel's table: columns by name, rows as objects. */
export const listComponents: ActionHandler<object, object, Settings> = async (_input, call) => ({
  columns: [
    { key: 'name', title: 'Component' },
    { key: 'state', title: 'State' },
    { key: 'reportedAt', title: 'Reported', kind: 'instant' },
  ],
  rows: (await readComponents(call)).map(({ name, state, reportedAt }) => ({ name, state, reportedAt })),
});
