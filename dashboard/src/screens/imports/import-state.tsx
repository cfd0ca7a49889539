import type { ImportInfo } from '../../api/customers/imports.ts';
import { StateChip } from '../../ui/state-chip.tsx';
import { useImportRun } from './import-runner.ts';

/** Where an import stands: whether this tab sends it right now, too. */
export function ImportState({ id, state }: { readonly id: string; readonly state: ImportInfo['state'] }) {
  const run = useImportRun(id);
  if (run?.state === 'sending') return <StateChip state="importing" />;
  return <StateChip state={state === 'open' ? 'unfinished' : state} />;
}
