import { useCallback } from 'react';
import { api } from '../../api/client.ts';
import { usePaged } from '../../api/use-paged.ts';
import { useReloadOn } from '../../live/live-context.ts';
import { Empty } from '../../ui/empty.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { BroadcastCard } from './broadcast-card.tsx';
import { BroadcastForm } from './broadcast-form.tsx';
import type { PipelinePartProps } from './pipeline-screen.tsx';

const REFRESH_MS = 2_000;

/** Sends the pipeline to many people, and shows how far that has come. */
export function Broadcasts({ pipeline }: PipelinePartProps) {
  const { id } = pipeline;
  const load = useCallback((cursor: string | undefined, signal?: AbortSignal) => api.broadcasts({ pipeline: id, cursor }, signal), [id]);
  const broadcasts = usePaged(`broadcasts:${id}`, load, REFRESH_MS);
  useReloadOn('broadcasts', broadcasts.reload);
  return (
    <div className="ask">
      <BroadcastForm pipeline={pipeline} onSent={broadcasts.reload} />
      <section className="panel" aria-labelledby="broadcasts-title">
        <div className="panel-head">
          <h2 id="broadcasts-title">Broadcasts</h2>
        </div>
        <Loaded resource={broadcasts} skeletonLines={3}>
          {(items) =>
            items.length === 0 ? (
              <Empty icon="send" title="Nothing was sent yet">
                Each broadcast stays here with its numbers.
              </Empty>
            ) : (
              <ul className="simulated">
                {items.map((broadcast) => (
                  <BroadcastCard key={broadcast.id} broadcast={broadcast} onChanged={broadcasts.reload} />
                ))}
              </ul>
            )
          }
        </Loaded>
        <LoadMore paged={broadcasts} />
      </section>
    </div>
  );
}
