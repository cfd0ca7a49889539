import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { LoggedEvent } from '../../api/types.ts';
import { Loaded } from '../../ui/loaded.tsx';
import { StartReasons } from '../pipelines/start-reasons.tsx';

/** Which pipelines an event started or not, and why. */
export function EventWhy({ event }: { readonly event: LoggedEvent }) {
  const why = useResource(`why:${event.id}`, (signal) => api.why(event.position > 0 ? String(event.position) : event.id, signal));
  return (
    <section className="stack-tight" aria-labelledby="why-title">
      <h3 id="why-title">Why: what became of it</h3>
      <Loaded resource={why} skeletonLines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="small soft">No pipeline is started by events of this name.</p>
          ) : (
            <StartReasons reasons={items} />
          )
        }
      </Loaded>
    </section>
  );
}
