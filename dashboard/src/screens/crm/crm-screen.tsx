import './crm.css';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { SandboxCount, SandboxEffect } from '../../api/types.ts';
import { useLive } from '../../live/live-context.ts';
import { Link } from '../../routing/link.tsx';
import { withQuery } from '../../routing/router.ts';
import type { Place } from '../../routing/router.ts';
import { Empty } from '../../ui/empty.tsx';
import { JsonView } from '../../ui/json-view.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { tellCount, tellPlural } from '../../ui/number.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { SkeletonList } from '../../ui/skeleton.tsx';
import { nameService } from './service-name.ts';

const REFRESH_MS = 5_000;

/** A service whose sandbox may not have said its counts. */
type MaybeCounted = SandboxCount | Pick<SandboxCount, 'service'>;

/** What reached each outside service, counted at its sandbox, with the latest records. */
export function CrmScreen({ place }: { readonly place: Place }) {
  const counted = useLive((snapshot) => snapshot.overview?.sandbox);
  const services = useResource('services', async (signal) => (await api.services(signal)).items);
  const sandbox = counted === undefined || counted.length > 0 ? counted : services.value?.map((service) => ({ service }));
  const chosen = place.query.get('service') ?? sandbox?.[0]?.service;
  return (
    <>
      <PageHead
        title="CRM"
        lead="What the services’ sandboxes saw. Requests may repeat after a fault; effects may not, so each key has one effect."
      />
      {sandbox === undefined ? (
        <div className="panel">
          <SkeletonList />
        </div>
      ) : sandbox.length === 0 ? (
        <div className="panel">
          <Empty icon="crm" title="No service was reached yet">
            Add a connection with tendril connections add; records appear here when a pipeline brings them to a service.
          </Empty>
        </div>
      ) : (
        <div className="stack">
          <ul className="services">
            {sandbox.map((count) => (
              <Service
                key={count.service}
                count={count}
                href={withQuery(place, 'service', count.service)}
                isChosen={count.service === chosen}
              />
            ))}
          </ul>
          {chosen === undefined ? null : <Effects service={chosen} />}
        </div>
      )}
    </>
  );
}

function Service({ count, href, isChosen }: { readonly count: MaybeCounted; readonly href: string; readonly isChosen: boolean }) {
  return (
    <li className={`panel service${isChosen ? ' is-chosen' : ''}`}>
      <Link href={href} className="service-link" aria-current={isChosen ? 'true' : undefined}>
        {nameService(count.service)}
      </Link>
      {'requests' in count ? <Counts count={count} /> : null}
    </li>
  );
}

function Counts({ count }: { readonly count: SandboxCount }) {
  return (
    <>
      <dl className="service-counts">
        <div>
          <dt>Requests</dt>
          <dd className="number">{tellCount(count.requests)}</dd>
        </div>
        <div>
          <dt>Effects</dt>
          <dd className="number">{tellCount(count.effects)}</dd>
        </div>
        <div>
          <dt>Keys</dt>
          <dd className="number">{tellCount(count.keys)}</dd>
        </div>
      </dl>
      <p className={`small ${count.effects > count.keys ? 'service-doubt' : 'soft'}`}>{tellBalance(count)}</p>
    </>
  );
}

function tellBalance({ requests, effects, keys }: SandboxCount): string {
  if (effects > keys) return `${tellCount(effects - keys)} more effects than keys: something may have happened twice.`;
  if (requests === 0) return 'Nothing was asked yet.';
  return requests > effects
    ? `${tellPlural(requests - effects, 'request')} had no effect of ${requests - effects === 1 ? 'its' : 'their'} own: reads, refusals, repeats.`
    : 'Each request had one effect.';
}

function Effects({ service }: { readonly service: string }) {
  const effects = useResource(`effects:${service}`, (signal) => api.effects(service, signal), REFRESH_MS);
  return (
    <section className="panel" aria-labelledby="effects-title">
      <div className="panel-head">
        <h2 id="effects-title">Latest at {nameService(service)}</h2>
      </div>
      <Loaded resource={effects}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="crm" title="Nothing was changed there yet">
              The first record that a pipeline brings appears here.
            </Empty>
          ) : (
            <ul className="effects">
              {items.map((effect, index) => (
                <Effect key={`${effect.key ?? ''}:${String(effect.at)}:${String(index)}`} effect={effect} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}

function Effect({ effect }: { readonly effect: SandboxEffect }) {
  return (
    <li>
      <details className="effect">
        <summary>
          <span className="effect-kind">{effect.kind}</span>
          <span className="truncate mono faint">{JSON.stringify(effect.record)}</span>
          <span className="soft effect-when">
            <Moment at={effect.at} />
          </span>
        </summary>
        <div className="stack-tight">
          {effect.key === null || effect.key === undefined ? null : (
            <p className="small faint">
              key <span className="mono wrap-anywhere">{effect.key}</span>
            </p>
          )}
          <JsonView value={effect.record} label="Record" />
        </div>
      </details>
    </li>
  );
}
