import type { AggregateQuery, AnalyticsQuestion, EmittedEvent, Json, TextRequest } from '@tendril/plugin-api';
import { compileExpression, evaluateExpression } from './asked-expressions.ts';
import type { AskedInput } from './asked-input.ts';
import type { OpenCall } from './open-call.ts';

type Member = (open: OpenCall, input: AskedInput) => unknown;

/**
 * The members of `call` that a plugin's process can ask for, by name. Each is answered by the real `call`, which checks permissions,
 * schemas and whether the handler still runs. Where a type is asserted, the member checks the value itself.
 */
export const MEMBERS: ReadonlyMap<string, Member> = new Map<string, Member>([
  ['kv.get', ({ call }, input) => call.kv.get(input.text(0))],
  ['kv.set', ({ call }, input) => call.kv.set(input.text(0), input.any(1) as Json, input.numberOrNothing(2))],
  ['kv.delete', ({ call }, input) => call.kv.delete(input.text(0))],
  ['kv.claim', ({ call }, input) => call.kv.claim(input.text(0), input.text(1), input.number(2))],
  ['table', ({ call }, input) => void call.table(input.text(0))],
  ['table.getMany', async ({ call }, input) => call.table(input.text(0)).getMany(input.texts(1))],
  ['table.query', async ({ call }, input) => call.table(input.text(0)).query(input.object(1))],
  ['table.aggregate', async ({ call }, input) => call.table(input.text(0)).aggregate(input.object(1) as unknown as AggregateQuery)],
  ['changes.put', ({ call }, input) => call.changes.put(input.text(0), input.object(1), input.expectation(2))],
  ['changes.delete', ({ call }, input) => call.changes.delete(input.text(0), input.text(1), input.expectation(2))],
  ['changes.emit', ({ call }, input) => call.changes.emit(input.object(0) as unknown as EmittedEvent)],
  ['changes.flush', flush],
  ['connection', ({ call }) => readConnection(call)],
  ['connection.values', ({ call }) => call.connection.values],
  ['events.ofPerson', async ({ call }, input) => call.events.ofPerson(input.texts(0), input.objectOrNothing(1) ?? {})],
  ['events.read', async ({ call }, input) => call.events.read(input.objectOrNothing(0) ?? {})],
  ['events.head', async ({ call }) => call.events.head()],
  ['events.ingest', async ({ call }, input) => call.events.ingest(input.objects(0), input.objectOrNothing(1) ?? {})],
  ['events.pipelinesStartedBy', async ({ call }, input) => call.events.pipelinesStartedBy(input.text(0))],
  ['expressions.compile', ({ call }, input) => compileExpression(call, input)],
  ['expressions.evaluate', ({ call }, input) => evaluateExpression(call, input)],
  ['folder', async ({ call }) => call.folder()],
  ['actions.call', async ({ call }, input) => call.actions.call(input.text(0), input.object(1))],
  ['models.generate', async ({ call }, input) => call.models.generate(input.object(0) as unknown as TextRequest)],
  ['models.embed', async ({ call }, input) => call.models.embed(input.texts(0))],
  ['analytics.ask', async ({ call }, input) => call.analytics.ask(input.object(0) as unknown as AnalyticsQuestion)],
  ['analytics.freshness', async ({ call }) => call.analytics.freshness()],
  ['analytics.rebuild', async ({ call }) => call.analytics.rebuild()],
  ['permit', ({ call }) => call.permit],
]);

async function flush(open: OpenCall): Promise<void> {
  await open.call.changes.flush();
  open.changes = 0;
  open.changesBytes = 0;
}

/** Without its values where the plugin may not have them: reading them is what fails. */
function readConnection({ connection }: OpenCall['call']): unknown {
  const { name, kind, isSandbox } = connection;
  try {
    return { name, kind, isSandbox, values: connection.values };
  } catch {
    return { name, kind, isSandbox };
  }
}
