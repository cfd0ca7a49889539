import { useCallback } from 'react';
import './mail.css';
import { api } from '../../api/client.ts';
import { usePaged } from '../../api/use-paged.ts';
import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { tellAddress } from './address.ts';

const REFRESH_MS = 5_000;

/** Mails that reached the local sink. */
export function MailsScreen() {
  const load = useCallback((cursor: string | undefined, signal?: AbortSignal) => api.mails({ cursor }, signal), []);
  const mails = usePaged('mails', load, REFRESH_MS);
  return (
    <>
      <PageHead title="Mail" lead="What test apps would have sent. It stays on this machine, in the local sink." />
      <section className="panel" aria-label="Mails">
        <Loaded resource={mails}>
          {(items) =>
            items.length === 0 ? (
              <Empty icon="mail" title="No mail yet">
                When a pipeline writes to somebody of a test app, the mail lands here instead of with them.
              </Empty>
            ) : (
              <div className="table-scroll">
                <table className="table table-rows-linked">
                  <thead>
                    <tr>
                      <th scope="col">Subject</th>
                      <th scope="col" className="wide-only">
                        To
                      </th>
                      <th scope="col" className="end">
                        Sent
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map((mail) => (
                      <tr key={mail.id}>
                        <td>
                          <Link href={`/mail/${encodeURIComponent(mail.id)}`} className="row-link">
                            {mail.subject || '(no subject)'}
                          </Link>
                        </td>
                        <td className="soft wide-only">{tellAddress(mail.to)}</td>
                        <td className="soft end">
                          <Moment at={mail.sentAt} />
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )
          }
        </Loaded>
        <LoadMore paged={mails} />
      </section>
    </>
  );
}
