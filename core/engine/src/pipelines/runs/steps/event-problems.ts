import type { Json, Logger } from '@tendril/plugin-api';
import { createEventSchemas } from '../../../events/index.ts';
import type { EventSchemas, UnplacedEvent } from '../../../events/index.ts';
import type { TenantState } from '../../../ports.ts';

// Taking in events says when schemas cannot be read; it need not be said twice.
const QUIET: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

const schemasByState = new WeakMap<TenantState, EventSchemas>();

/** What the tenant's schema for the event's name has against it, as for events of applications; nothing where there is no schema. */
export async function eventProblems(state: TenantState, now: () => number, event: UnplacedEvent): Promise<readonly Json[]> {
  const schemas = schemasByState.get(state) ?? createEventSchemas({ state, clock: { now }, log: QUIET });
  schemasByState.set(state, schemas);
  const current = await schemas.current();
  return current.isEmpty ? [] : current.problemsOf(event).map(({ pointer, message }) => ({ pointer, message }));
}
