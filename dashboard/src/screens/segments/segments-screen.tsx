import './segments.css';
import { segmentsApi } from '../../api/customers/segments.ts';
import type { SegmentInfo } from '../../api/customers/segments.ts';
import { useResource } from '../../api/use-resource.ts';
import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { tellCount } from '../../ui/number.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { PeopleTabs } from '../people/people-tabs.tsx';
import { DefinitionState } from './definition-state.tsx';
import { EXAMPLES } from './examples.ts';

const REFRESH_MS = 4_000;

/** Segments: who is in follows what people do, by itself. */
export function SegmentsScreen() {
  const segments = useResource('segments', (signal) => segmentsApi.list(signal), REFRESH_MS);
  return (
    <>
      <PageHead
        title="Segments"
        lead="Groups of people by what they are and did. Who comes in or leaves is an event, and can start a pipeline."
      >
        <Link href="/segments/new" className="button button-main">
          New segment
        </Link>
      </PageHead>
      <PeopleTabs current="/segments" />
      <section className="panel" aria-label="Segments">
        <Loaded resource={segments}>{(items) => (items.length === 0 ? <NoSegment /> : <SegmentTable items={items} />)}</Loaded>
      </section>
    </>
  );
}

function NoSegment() {
  return (
    <>
      <Empty icon="segment" title="No segment yet">
        Begin with one of these; each can be looked at before anything is saved.
      </Empty>
      <ul className="example-list">
        {EXAMPLES.map(({ id, title, description }) => (
          <li key={id}>
            <Link href={`/segments/new?from=${id}`} className="example">
              <b>{title}</b>
              <span className="small soft">{description}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

function SegmentTable({ items }: { readonly items: readonly SegmentInfo[] }) {
  return (
    <div className="table-scroll">
      <table className="table table-rows-linked">
        <thead>
          <tr>
            <th scope="col">Segment</th>
            <th scope="col" className="wide-only">
              Condition
            </th>
            <th scope="col">State</th>
            <th scope="col" className="end">
              People
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((segment) => (
            <tr key={segment.name}>
              <td>
                <Link href={`/segments/${encodeURIComponent(segment.name)}`} className="row-link wrap-anywhere">
                  {segment.title || segment.name}
                </Link>
                <div className="faint wrap-anywhere">{segment.title === '' ? segment.description : segment.name}</div>
              </td>
              <td className="wide-only segment-condition">
                <code className="wrap-anywhere">{segment.condition}</code>
              </td>
              <td>
                <DefinitionState of={segment} />
              </td>
              <td className="end number">{tellCount(segment.members)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
