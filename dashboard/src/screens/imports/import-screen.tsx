import { useCallback, useEffect, useState } from 'react';
import './imports.css';
import { importsApi } from '../../api/customers/imports.ts';
import type { Import } from '../../api/customers/imports.ts';
import { usePaged } from '../../api/use-paged.ts';
import { useResource } from '../../api/use-resource.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { DownloadRefusals } from './download-refusals.tsx';
import { ImportFigures } from './import-figures.tsx';
import { ImportProgress } from './import-progress.tsx';
import { useImportRun } from './import-runner.ts';
import { ImportState } from './import-state.tsx';
import { RefusalTable } from './refusal-table.tsx';
import { forgetFile } from './remembered-file.ts';
import { ResumeImport } from './resume-import.tsx';

const REFRESH_MS = 4_000;

/** One import: how far it is, what became of its rows, and how it goes on. */
export function ImportScreen({ id }: { readonly id: string }) {
  const run = useImportRun(id);
  const found = useResource(`import:${id}`, (signal) => importsApi.get(id, signal), REFRESH_MS);
  const { value, reload } = found;
  const [isCancelling, setCancelling] = useState(false);
  const runState = run?.state;
  useEffect(() => {
    if (runState === undefined || runState === 'sending') return;
    if (runState === 'done') forgetFile(id);
    reload();
  }, [id, runState, reload]);
  return (
    <>
      <PageHead title={value?.name ?? 'Import'} back={{ href: '/imports', text: 'Imports' }} lead={value?.fileName}>
        {value === undefined ? null : <ImportState id={id} state={value.state} />}
        {value?.state === 'open' ? (
          <button type="button" className="button button-bad" onClick={() => setCancelling(true)}>
            Cancel the import
          </button>
        ) : null}
      </PageHead>
      <Loaded resource={found}>
        {(loaded) => (
          <div className="stack">
            {run === undefined || runState === 'done' ? null : <ImportProgress id={id} run={run} />}
            {loaded.state === 'open' && runState !== 'sending' && runState !== 'done' ? <ResumeImport of={loaded} /> : null}
            <ImportFigures of={loaded} />
            {loaded.rows.refused === 0 ? null : <Refusals of={loaded} />}
          </div>
        )}
      </Loaded>
      {isCancelling ? (
        <Confirm
          title="Cancel this import?"
          action="Cancel the import"
          isGrave
          onClose={() => setCancelling(false)}
          onConfirm={async () => {
            found.replace(await importsApi.cancel(id));
            forgetFile(id);
          }}
        >
          <p>No further row is taken. People of the rows that came already stay: they are facts of the log.</p>
        </Confirm>
      ) : null}
    </>
  );
}

function Refusals({ of }: { readonly of: Import }) {
  const load = useCallback(
    async (cursor: string | undefined, signal?: AbortSignal) => {
      const page = await importsApi.refusals(of.id, { cursor, limit: 20 }, signal);
      return { ...page, items: page.items.map((refusal) => ({ ...refusal, id: String(refusal.row) })) };
    },
    [of.id],
  );
  const refusals = usePaged(`import-refusals:${of.id}:${String(of.rows.refused)}`, load);
  return (
    <section className="panel" aria-labelledby="refusals-title">
      <div className="panel-head">
        <h2 id="refusals-title">Refused rows</h2>
        <DownloadRefusals of={of} />
      </div>
      <Loaded resource={refusals} skeletonLines={3}>
        {(items) => <RefusalTable refusals={items} />}
      </Loaded>
      <LoadMore paged={refusals} />
    </section>
  );
}
