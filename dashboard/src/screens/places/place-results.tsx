import type { CandidateResult, PlaceDetail, Shown } from '../../api/customers/places.ts';
import { tellCount } from '../../ui/number.ts';

/** How often each candidate was shown and clicked, with intervals. */
export function PlaceResults({ items, detail }: { readonly items: readonly CandidateResult[]; readonly detail: PlaceDetail | undefined }) {
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
