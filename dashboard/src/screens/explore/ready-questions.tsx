import { analyticsApi } from '../../api/customers/analytics.ts';
import type { ReadyQuestion } from '../../api/customers/analytics.ts';
import { useResource } from '../../api/use-resource.ts';
import type { Json } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import type { Place } from '../../routing/router.ts';

/** Questions that need no set-up, as far as their events were seen. */
export function ReadyQuestions({ place }: { readonly place: Place }) {
  const ready = useResource('ready-questions', (signal) => analyticsApi.ready(signal));
  const items = (ready.value ?? []).filter((item) => addressOf(item, place) !== undefined);
  if (items.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="ready-title">
      <div className="panel-head">
        <h2 id="ready-title">Ready-made questions</h2>
      </div>
      <ul className="ready-list">
        {items.map((item) => (
          <li key={item.id}>
            {item.isReady ? (
              <Link href={addressOf(item, place) ?? ''} className="ready-question">
                {item.title}
              </Link>
            ) : (
              <span className="ready-question faint">
                {item.title}
                <span className="small"> waits for {item.missing.join(', ')}</span>
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The view that shows a question; nothing for those that this page has no view for. */
function addressOf({ action, input }: ReadyQuestion, place: Place): string | undefined {
  const query = new URLSearchParams();
  for (const name of ['range', 'test']) {
    const value = place.query.get(name);
    if (value !== null) query.set(name, value);
  }
  if (action === 'analytics.count' || action === 'analytics.uniques') {
    for (const name of namesOf(input['events'])) query.append('event', name);
    if (action === 'analytics.uniques') query.set('measure', 'people');
    if (typeof input['by'] === 'string') query.set('by', input['by']);
  } else if (action === 'analytics.funnel') {
    query.set('show', 'funnel');
    const steps = input['steps'];
    for (const step of Array.isArray(steps) ? (steps as readonly Json[]) : []) query.append('step', namesOf(step).join('|'));
  } else if (action === 'analytics.retention') {
    query.set('show', 'retention');
    for (const [parameter, key] of [
      ['first', 'first'],
      ['back', 'back'],
    ] as const) {
      const [name] = namesOf(input[key]);
      if (name !== undefined) query.set(parameter, name);
    }
  } else return undefined;
  return `${place.path}?${query.toString()}`;
}

function namesOf(selection: Json | undefined): readonly string[] {
  if (typeof selection !== 'object' || selection === null || Array.isArray(selection)) return [];
  const names = (selection as Readonly<Record<string, Json>>)['names'];
  return Array.isArray(names) ? (names as readonly Json[]).filter((name) => typeof name === 'string') : [];
}
