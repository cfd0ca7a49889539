import type { Call, Row } from '@tendril/plugin-api';
import type { ImportOutput, ImportsRow, Settings } from '../gen/manifest.gen.ts';
import { countUp, deleteChunks } from './chunks.ts';
import { viewImport } from './import-view.ts';

/**
 * Ends an import: its figures first, then the chunks that they were counted from. Safe to call again after a death at any point.
 */
export async function endImport(row: Row<ImportsRow>, state: 'finished' | 'cancelled', call: Call<Settings>): Promise<ImportOutput> {
  if (row.value.state !== 'open') {
    await deleteChunks(row.key, call);
    return viewImport(row.value, call);
  }
  const ended: ImportsRow = { ...row.value, ...(await countUp(row.key, call)), state, finishedAt: call.clock.now() };
  call.changes.put('imports', ended, row.version);
  await call.changes.flush();
  await deleteChunks(row.key, call);
  return viewImport(ended, call);
}
