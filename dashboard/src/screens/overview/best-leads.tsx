import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { ProbabilityMeter } from '../../ui/meter.tsx';

const SHOWN = 5;
const REFRESH_MS = 8_000;

/** The most promising leads. */
export function BestLeads({ leads }: { readonly leads: number }) {
  const resource = useResource(
    'leads:best',
    async (signal) => (await api.leads({ limit: SHOWN }, signal)).items.slice(0, SHOWN),
    REFRESH_MS,
  );
  return (
    <section className="panel" aria-labelledby="best-leads-title">
      <div className="panel-head">
        <h2 id="best-leads-title">Most promising</h2>
        <Link href="/leads" className="small">
          All leads
        </Link>
      </div>
      <Loaded resource={resource} skeletonLines={SHOWN}>
        {(items) =>
          items.length === 0 || leads === 0 ? (
            <Empty icon="leads" title="No lead yet">
              An identified person with an address or a phone number becomes a lead.
            </Empty>
          ) : (
            <ol className="best-leads">
              {items.map((lead) => (
                <li key={lead.id}>
                  <Link href={`/people/${encodeURIComponent(lead.personId)}`} className="truncate">
                    {lead.name ?? lead.email ?? lead.personId}
                  </Link>
                  <ProbabilityMeter probability={lead.probability} />
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </section>
  );
}
