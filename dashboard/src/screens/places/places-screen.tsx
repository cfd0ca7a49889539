import { useCallback } from 'react';
import './places.css';
import { PLACE_KINDS, placesApi } from '../../api/customers/places.ts';
import { usePaged } from '../../api/use-paged.ts';
import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { tellCount } from '../../ui/number.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { PeopleTabs } from '../people/people-tabs.tsx';

/** Places at which each person is shown what suits them. */
export function PlacesScreen() {
  const load = useCallback((cursor: string | undefined, signal?: AbortSignal) => placesApi.list({ cursor }, signal), []);
  const places = usePaged('places', load);
  return (
    <>
      <PageHead title="Places" lead="Where each person is shown what suits them: in a message, in a part of a page, as an offer.">
        <Link href="/places/new" className="button button-main">
          New place
        </Link>
      </PageHead>
      <PeopleTabs current="/places" />
      <section className="panel" aria-label="Places">
        <Loaded resource={places}>
          {(items) =>
            items.length === 0 ? (
              <Empty icon="split" title="No place yet">
                A place has candidates with rules, and a fallback for everybody else. Your page or your server then asks what to show to
                whom, and tells what became of it.
              </Empty>
            ) : (
              <div className="table-scroll">
                <table className="table table-rows-linked">
                  <thead>
                    <tr>
                      <th scope="col">Place</th>
                      <th scope="col">Kind</th>
                      <th scope="col" className="end">
                        Candidates
                      </th>
                      <th scope="col" className="end wide-only">
                        Saved
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map((place) => (
                      <tr key={place.id}>
                        <td>
                          <Link href={`/places/${encodeURIComponent(place.id)}`} className="row-link wrap-anywhere">
                            {place.title || place.id}
                          </Link>
                        </td>
                        <td className="soft">{PLACE_KINDS[place.kind]}</td>
                        <td className="end number">{tellCount(place.candidates)}</td>
                        <td className="end soft wide-only">
                          <Moment at={place.savedAt} />
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )
          }
        </Loaded>
        <LoadMore paged={places} />
      </section>
    </>
  );
}
