import './places.css';
import { placesApi } from '../../api/customers/places.ts';
import type { Candidate, CandidateResult, PlaceDetail, Shown } from '../../api/customers/places.ts';
import { useResource } from '../../api/use-resource.ts';
import { Empty } from '../../ui/empty.tsx';
import { JsonView } from '../../ui/json-view.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { tellCount, tellShare } from '../../ui/number.ts';
import { PageHead } from '../../ui/page-head.tsx';

const REFRESH_MS = 10_000;

/** One place: its candidates, when each is shown, and how they do. */
export function PlaceScreen({ id }: { readonly id: string }) {
  const place = useResource(`place:${id}`, (signal) => placesApi.get(id, signal));
  const results = useResource(`place-results:${id}`, (signal) => placesApi.results(id, signal), REFRESH_MS);
  const title = place.value?.place.title ?? id;
  return (
    <>
      <PageHead title={title} back={{ href: '/places', text: 'Places' }} lead="What may be shown here, when, and what people make of it." />
      <div className="stack">
        <section className="panel" aria-labelledby="results-title">
          <div className="panel-head">
            <h2 id="results-title">How they do</h2>
          </div>
          <Loaded resource={results} skeletonLines={4}>
            {(items) =>
              items.every(({ shown }) => shown === 0) ? (
                <Empty icon="split" title="Nothing was shown yet">
                  Figures come with the feedback that your application sends: shown, clicked, dismissed.
                </Empty>
              ) : (
                <Results items={items} detail={place.value} />
              )
            }
          </Loaded>
        </section>
        <Loaded resource={place}>
          {({ place: { candidates, fallback } }) => (
            <ol className="stack" aria-label="Candidates">
              {candidates.map((candidate) => (
                <CandidateCard key={candidate.id} candidate={candidate} />
              ))}
              <li className="panel">
                <div className="panel-head">
                  <h2>Fallback</h2>
                  <span className="small soft">when nothing else fits, or there is no time</span>
                </div>
                <div className="panel-body">
                  <JsonView value={fallback} label="Content of the fallback" />
                </div>
              </li>
            </ol>
          )}
        </Loaded>
      </div>
    </>
  );
}

function CandidateCard({ candidate }: { readonly candidate: Candidate }) {
  const { id, title, when, priority, weight, holdoutRatio, content } = candidate;
  return (
    <li className="panel">
      <div className="panel-head">
        <h2>{title ?? id}</h2>
        <span className="small soft number">
          {[
            priority === undefined ? '' : `priority ${String(priority)}`,
            weight === undefined ? '' : `weight ${String(weight)}`,
            holdoutRatio === undefined ? '' : `${tellShare(holdoutRatio)} held out`,
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </div>
      <div className="panel-body stack-tight">
        <p className="small soft">{when === undefined ? 'Shown to everybody.' : 'Shown when this holds:'}</p>
        {when === undefined ? null : <code className="rule-written wrap-anywhere">{when}</code>}
        <JsonView value={content} label={`Content of ${title ?? id}`} />
      </div>
    </li>
  );
}

function Results({ items, detail }: { readonly items: readonly CandidateResult[]; readonly detail: PlaceDetail | undefined }) {
  const nameOf = (id: string): string => detail?.place.candidates.find((each) => each.id === id)?.title ?? id;
  const most = Math.max(...items.map(({ clickedRatioHigh }) => clickedRatioHigh ?? 0), 0.01);
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label="Results of the candidates">
      <table className="table place-results">
        <thead>
          <tr>
            <th scope="col">Candidate</th>
            <th scope="col" className="end">
              Shown
            </th>
            <th scope="col" className="end">
              Clicked
            </th>
            <th scope="col">Share, with its 95 % interval</th>
            <th scope="col" className="end">
              Dismissed
            </th>
            <th scope="col" className="end">
              Held out
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.candidate}>
              <th scope="row">
                {nameOf(item.candidate)} {item.isCurrent ? null : <span className="chip">gone</span>}
              </th>
              <td className="end number">{tellCount(item.shown)}</td>
              <td className="end number">{tellCount(item.clicked)}</td>
              <td>
                <ShareOf of={item} most={most} />
              </td>
              <td className="end number">{tellCount(item.dismissed)}</td>
              <td className="end number soft">
                {item.heldOut === undefined
                  ? ''
                  : `${item.heldOut.clickedRatio === null ? 'none' : tellExact(item.heldOut.clickedRatio)} of ${tellCount(item.heldOut.shown)}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A share as a point on its interval: where intervals overlap, the difference may be chance. */
function ShareOf({ of, most }: { readonly of: Shown; readonly most: number }) {
  const { clickedRatio, clickedRatioLow, clickedRatioHigh } = of;
  if (clickedRatio === null) return <span className="faint">not shown</span>;
  const place = (share: number): string => `${String((share / most) * 100)}%`;
  return (
    <span className="interval">
      <span className="interval-track" aria-hidden="true">
        <span
          className="interval-range"
          style={{ left: place(clickedRatioLow ?? 0), width: place((clickedRatioHigh ?? 0) - (clickedRatioLow ?? 0)) }}
        />
        <span className="interval-point" style={{ left: place(clickedRatio) }} />
      </span>
      <span className="number">{tellExact(clickedRatio)}</span>
      <span className="visually-hidden">
        , between {tellExact(clickedRatioLow ?? 0)} and {tellExact(clickedRatioHigh ?? 0)}
      </span>
    </span>
  );
}

function tellExact(ratio: number): string {
  return `${(ratio * 100).toFixed(1)}%`;
}
