import type { Json, JsonObject } from '../../api/types.ts';
import { tell } from '../people/person-facts.ts';

/** What a plugin may do, in sentences. */
export function tellPermissions(permissions: JsonObject): readonly string[] {
  return Object.entries(permissions).flatMap(([kind, what]) => (isNothing(what) ? [] : tellPermission(kind, what)));
}

function tellPermission(kind: string, what: Json): readonly string[] {
  switch (kind) {
    case 'hosts':
      return [names(what).includes('*') ? 'Reach any public address' : `Reach ${tell(what)} over the network`];
    case 'connections':
      return [`Use the account connected as ${tell(what)}`];
    case 'events':
      return tellEvents(what);
    case 'actions':
      return [`Call actions of others: ${tell(what)}`];
    case 'models':
      return [`Use models: ${tell(what)}`];
    case 'channels':
      return [`Reach people by ${tell(what)}`];
    case 'storage':
      return [`Keep data of its own (${tell(what)})`];
    case 'data':
    case 'dataClasses':
      return [`See ${tell(what)} data`];
    case 'money':
    case 'spend':
      return [`Spend money, within the budget (${tell(what)})`];
    default:
      return [`${kind}: ${tell(what)}`];
  }
}

function tellEvents(what: Json): readonly string[] {
  if (typeof what !== 'object' || what === null || Array.isArray(what)) return [`Read events: ${tell(what)}`];
  return Object.entries(what).flatMap(([verb, each]: [string, Json]) => {
    if (isNothing(each)) return [];
    const which = names(each).includes('*') ? 'all events' : `the events ${tell(each)}`;
    return [verb === 'write' ? `Add ${which.replace('the events', 'events to the log:')}` : `Read ${which}`];
  });
}

function names(what: Json): readonly Json[] {
  return Array.isArray(what) ? (what as readonly Json[]) : [what];
}

function isNothing(what: Json): boolean {
  return what === null || what === false || (typeof what === 'object' && Object.keys(what).length === 0);
}
