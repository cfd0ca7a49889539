import { useCallback } from 'react';
import { segmentsApi } from '../../api/customers/segments.ts';
import type { Segment } from '../../api/customers/segments.ts';
import { usePaged } from '../../api/use-paged.ts';
import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { tellCount } from '../../ui/number.ts';
import { namePerson, text } from '../../ui/person-name.ts';

const REFRESH_MS = 10_000;

/** Who is in a segment, and since when. */
export function SegmentMembers({ segment }: { readonly segment: Segment }) {
  const { name } = segment;
  const load = useCallback((cursor: string | undefined, signal?: AbortSignal) => segmentsApi.members(name, { cursor }, signal), [name]);
  const members = usePaged(`members:${name}`, load, REFRESH_MS);
  return (
    <section className="panel" aria-labelledby="members-title">
      <div className="panel-head">
        <h2 id="members-title">Who is in</h2>
        <span className="small soft number">{tellCount(segment.members)}</span>
      </div>
      <Loaded resource={members}>
        {(items) =>
          items.length === 0 ? (
            <Empty icon="people" title="Nobody is in">
              People come in by themselves when the condition holds for them.
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
                    <th scope="col" className="end">
                      In since
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((member) => (
                    <tr key={member.id}>
                      <td>
                        <Link href={`/people/${encodeURIComponent(member.id)}`} className="row-link wrap-anywhere">
                          {namePerson(member.traits, member.id)}
                        </Link>
                      </td>
                      <td className="soft wide-only wrap-anywhere">{text(member.traits['email'])}</td>
                      <td className="soft end">
                        <Moment at={member.since} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
      <LoadMore paged={members} />
    </section>
  );
}
