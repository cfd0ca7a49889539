import type { RowRefusal } from '../../api/customers/imports.ts';
import { tellCount } from '../../ui/number.ts';

/** Rows that were refused, each with its reason. */
export function RefusalTable({ refusals }: { readonly refusals: readonly RowRefusal[] }) {
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label="Refused rows">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Row</th>
            <th scope="col">Column</th>
            <th scope="col">Reason</th>
          </tr>
        </thead>
        <tbody>
          {refusals.map((refusal) => (
            <tr key={refusal.row}>
              <td className="number">{tellCount(refusal.row)}</td>
              <td className="soft wrap-anywhere">{refusal.column}</td>
              <td className="wrap-anywhere">{refusal.message}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
