import { useCallback } from 'react';
import './people.css';
import { api } from '../../api/client.ts';
import { usePaged } from '../../api/use-paged.ts';
import type { PersonInfo } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { namePerson, text } from '../../ui/person-name.ts';
import { PeopleTabs } from './people-tabs.tsx';
import { PersonSearch } from './person-search.tsx';

const REFRESH_MS = 10_000;

/** Everybody who is known. */
export function PeopleScreen() {
  const load = useCallback((cursor: string | undefined, signal?: AbortSignal) => api.people({ cursor }, signal), []);
  const people = usePaged('people', load, REFRESH_MS);
  return (
    <>
      <PageHead title="People" lead="Whom the events are about. Several identities of one person are joined." />
      <PeopleTabs current="/people" />
      <PersonSearch />
      <section className="panel" aria-label="People">
        <Loaded resource={people}>
          {(items) =>
            items.length === 0 ? (
              <Empty icon="people" title="Nobody is known yet">
                A person appears with the first event that names a userId, an anonymousId or an e-mail address.
              </Empty>
            ) : (
              <div className="table-scroll">
                <table className="table table-rows-linked">
                  <thead>
                    <tr>
                      <th scope="col">Name</th>
                      <th scope="col" className="wide-only">
                        E-mail
                      </th>
                      <th scope="col" className="wide-only">
                        First seen
                      </th>
                      <th scope="col" className="end">
                        Last seen
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map((person) => (
                      <PersonRow key={person.id} person={person} />
                    ))}
                  </tbody>
                </table>
              </div>
            )
          }
        </Loaded>
        <LoadMore paged={people} />
      </section>
    </>
  );
}

function PersonRow({ person }: { readonly person: PersonInfo }) {
  const name = namePerson(person.traits, person.id);
  return (
    <tr>
      <td>
        <span className="person-cell">
          <span className="avatar" aria-hidden="true">
            {initials(name)}
          </span>
          <Link href={`/people/${encodeURIComponent(person.id)}`} className="row-link wrap-anywhere">
            {name}
          </Link>
        </span>
      </td>
      <td className="soft wide-only">{text(person.traits['email'])}</td>
      <td className="soft wide-only">
        <Moment at={person.firstSeenAt} />
      </td>
      <td className="soft end">
        <Moment at={person.lastSeenAt} />
      </td>
    </tr>
  );
}

/** The first letters of a name, at most two. */
function initials(name: string): string {
  return name
    .split(/[\s._-]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((part) => part.charAt(0).toUpperCase())
    .join('');
}
