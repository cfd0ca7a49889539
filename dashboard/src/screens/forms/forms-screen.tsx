import { useCallback } from 'react';
import './forms.css';
import { formsApi } from '../../api/customers/forms.ts';
import { usePaged } from '../../api/use-paged.ts';
import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { tellCount } from '../../ui/number.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { LeadTabs } from '../leads/lead-tabs.tsx';

const REFRESH_MS = 10_000;

/** Forms that bring leads. */
export function FormsScreen() {
  const load = useCallback((cursor: string | undefined, signal?: AbortSignal) => formsApi.list({ cursor }, signal), []);
  const forms = usePaged('forms', load, REFRESH_MS);
  return (
    <>
      <PageHead
        title="Forms"
        lead="Pages and snippets by which people leave their address: protected against robots, confirmed by e-mail where you wish."
      >
        <Link href="/forms/new" className="button button-main">
          New form
        </Link>
      </PageHead>
      <LeadTabs current="/forms" />
      <section className="panel" aria-label="Forms">
        <Loaded resource={forms}>
          {(items) =>
            items.length === 0 ? (
              <Empty icon="mail" title="No form yet">
                A form has a page of its own at once, and a snippet for your site. Each answer becomes a lead.
              </Empty>
            ) : (
              <div className="table-scroll">
                <table className="table table-rows-linked">
                  <thead>
                    <tr>
                      <th scope="col">Form</th>
                      <th scope="col" className="wide-only">
                        State
                      </th>
                      <th scope="col" className="end">
                        Answers
                      </th>
                      <th scope="col" className="end">
                        To look at
                      </th>
                      <th scope="col" className="end wide-only">
                        Saved
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map((form) => (
                      <tr key={form.id}>
                        <td>
                          <Link href={`/forms/${encodeURIComponent(form.id)}`} className="row-link wrap-anywhere">
                            {form.title}
                          </Link>
                          <div className="faint wrap-anywhere">{form.path}</div>
                          {form.warnings.length === 0 ? null : (
                            <span className="chip chip-warn">
                              <Icon name="alert" isSmall />
                              Nothing sends its mail
                            </span>
                          )}
                        </td>
                        <td className="wide-only">
                          <span className={`chip ${form.isOpen ? 'chip-good' : ''}`}>{form.isOpen ? 'Open' : 'Closed'}</span>
                        </td>
                        <td className="end number">{tellCount(form.counts['accepted'] ?? 0)}</td>
                        <td className="end number">{tellCount(form.counts['suspicious'] ?? 0)}</td>
                        <td className="end soft wide-only">
                          <Moment at={form.savedAt} />
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )
          }
        </Loaded>
        <LoadMore paged={forms} />
      </section>
    </>
  );
}
