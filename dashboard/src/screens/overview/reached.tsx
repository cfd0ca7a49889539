import type { SandboxCount } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { tellCount } from '../../ui/number.ts';
import { nameService } from '../crm/service-name.ts';

/** What reached each outside service. */
export function Reached({ sandbox }: { readonly sandbox: readonly SandboxCount[] }) {
  return (
    <section className="panel" aria-labelledby="reached-title">
      <div className="panel-head">
        <h2 id="reached-title">Reached the CRM</h2>
        <Link href="/crm" className="small">
          What exactly
        </Link>
      </div>
      {sandbox.length === 0 ? (
        <Empty icon="crm" title="Nothing has left yet">
          Records appear here when a pipeline brings them to Salesforce, HubSpot or Segment.
        </Empty>
      ) : (
        <div className="table-scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Service</th>
                <th scope="col" className="end">
                  Requests
                </th>
                <th scope="col" className="end">
                  Effects
                </th>
                <th scope="col" className="end">
                  Keys
                </th>
              </tr>
            </thead>
            <tbody>
              {sandbox.map((count) => (
                <tr key={count.service}>
                  <td>
                    <Link href={`/crm?service=${encodeURIComponent(count.service)}`}>{nameService(count.service)}</Link>
                  </td>
                  <td className="end number">{tellCount(count.requests)}</td>
                  <td className="end number">{tellCount(count.effects)}</td>
                  <td className="end number">{tellCount(count.keys)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
