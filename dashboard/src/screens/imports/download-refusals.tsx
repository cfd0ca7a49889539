import { importsApi } from '../../api/customers/imports.ts';
import type { Import } from '../../api/customers/imports.ts';
import { Icon } from '../../ui/icon.tsx';
import { tellCount } from '../../ui/number.ts';
import { saveFile } from '../../ui/save-file.ts';
import { useTask } from '../../ui/use-task.ts';
import { gatherCsv } from './gather-csv.ts';

/** Saves the refused rows with their reasons as a file. */
export function DownloadRefusals({ of }: { readonly of: Import }) {
  const task = useTask();
  async function download(): Promise<void> {
    const parts = await gatherCsv((cursor) => importsApi.refusalsAsCsv(of.id, cursor));
    saveFile(`refused ${of.name}.csv`, 'text/csv', parts);
  }
  return (
    <span className="row small">
      <span className="soft" role="status">
        {task.problem === undefined
          ? of.rows.refused > of.refusalsKept
            ? `${tellCount(of.refusalsKept)} of ${tellCount(of.rows.refused)} are kept`
            : ''
          : task.problem.message}
      </span>
      <button type="button" className="button" disabled={task.isBusy} onClick={() => void task.run(download)}>
        <Icon name="download" />
        {task.isBusy ? 'Fetching…' : 'Download'}
      </button>
    </span>
  );
}
