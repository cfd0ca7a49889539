import { useCallback } from 'react';
import './imports.css';
import { importsApi } from '../../api/customers/imports.ts';
import type { ImportInfo } from '../../api/customers/imports.ts';
import { usePaged } from '../../api/use-paged.ts';
import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { tellCount } from '../../ui/number.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { LeadTabs } from '../leads/lead-tabs.tsx';
import { ImportState } from './import-state.tsx';

const REFRESH_MS = 8_000;

/** Files that were brought in, the newest first. */
export function ImportsScreen() {
  const load = useCallback((cursor: string | undefined, signal?: AbortSignal) => importsApi.list({ cursor }, signal), []);
  const imports = usePaged('imports', load, REFRESH_MS);
  return (
    <>
      <PageHead title="Imports" lead="Lists of people from files. Each row becomes a fact of the log, and the same row never counts twice.">
        <Link href="/imports/new" className="button button-main">
          Import a file
        </Link>
      </PageHead>
      <LeadTabs current="/imports" />
      <section className="panel" aria-label="Imports">
        <Loaded resource={imports}>
          {(items) =>
            items.length === 0 ? (
              <Empty icon="leads" title="Nothing was imported yet">
                Choose a CSV file, say what its columns mean, and look at what its first rows would come to before anything is sent.
              </Empty>
            ) : (
              <div className="table-scroll">
                <table className="table table-rows-linked">
                  <thead>
                    <tr>
                      <th scope="col">Import</th>
                      <th scope="col">State</th>
                      <th scope="col" className="end">
                        Rows
                      </th>
                      <th scope="col" className="end wide-only">
                        New people
                      </th>
                      <th scope="col" className="end wide-only">
                        Refused
                      </th>
                      <th scope="col" className="end wide-only">
                        Begun
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map((each) => (
                      <ImportRow key={each.id} info={each} />
                    ))}
                  </tbody>
                </table>
              </div>
            )
          }
        </Loaded>
        <LoadMore paged={imports} />
      </section>
    </>
  );
}

function ImportRow({ info }: { readonly info: ImportInfo }) {
  return (
    <tr>
      <td>
        <Link href={`/imports/${encodeURIComponent(info.id)}`} className="row-link wrap-anywhere">
          {info.name}
        </Link>
        <div className="faint wrap-anywhere">{info.fileName}</div>
      </td>
      <td>
        <ImportState id={info.id} state={info.state} />
      </td>
      <td className="end number">{tellCount(info.rows?.seen ?? 0)}</td>
      <td className="end number wide-only">{tellCount(info.people?.new ?? 0)}</td>
      <td className="end number wide-only">{tellCount(info.rows?.refused ?? 0)}</td>
      <td className="end soft wide-only">
        <Moment at={info.createdAt} />
      </td>
    </tr>
  );
}
