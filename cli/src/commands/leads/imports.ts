import { Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { moment } from '../../instants.ts';
import type { ShownImport } from '../../leads/import-view.ts';

/** Rows of one that is open are not counted for a list. */
type ListedImport = Omit<ShownImport, 'rows'> & Partial<Pick<ShownImport, 'rows'>>;

export default class LeadsImports extends HubCommand {
  static override description = 'List imports of leads, newest first.';
  static override flags = { limit: Flags.integer({ description: 'how many', default: 20, min: 1, max: 1000 }) };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(LeadsImports);
    const answer = await callAction<{ readonly items: readonly ListedImport[] }>(this.hub(flags), 'leads.imports', { limit: flags.limit });
    this.table(
      answer.items.map(({ id, name, state, createdAt, rows }) => ({
        id,
        name,
        state,
        began: moment(createdAt),
        accepted: rows === undefined ? '' : String(rows.accepted),
        refused: rows === undefined ? '' : String(rows.refused),
      })),
      'Nothing has been imported; `tendril leads import FILE.csv` does.',
    );
    return answer;
  }
}
