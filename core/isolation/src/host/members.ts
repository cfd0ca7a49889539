import { TendrilError } from '@tendril/plugin-api';
import type {
  AggregateQuery,
  AnalyticsQuestion,
  EmittedEvent,
  ExpressionEnvironment,
  ExpressionType,
  Json,
  TextRequest,
} from '@tendril/plugin-api';
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
  ['expressions.compile', compileExpression],
  ['expressions.evaluate', evaluateExpression],
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

function compileExpression({ call }: OpenCall, input: AskedInput): unknown {
  const { calls, reads } = call.expressions.compile(input.text(0), environmentOf(input));
  return { calls, reads };
}

function evaluateExpression({ call }: OpenCall, input: AskedInput): Json {
  const expression = call.expressions.compile(input.text(0), environmentOf(input));
  const values = input.lists(3);
  const names = [...new Set(expression.calls.map(({ name }) => name))];
  const given = expression.calls.map(({ name, arguments: written }, index) => ({
    mark: JSON.stringify([name, written]),
    value: values[index],
  }));
  const functions = names
    .filter((name) => expression.calls.every((written, index) => written.name !== name || (values[index]?.length ?? 0) > 0))
    .map(
      (name) =>
        [
          name,
          (...written: readonly (string | number | boolean)[]): Json => {
            const mark = JSON.stringify([name, written]);
            return (given.find((one) => one.mark === mark)?.value?.[0] ?? null) as Json;
          },
        ] as const,
    );
  return expression.evaluate(input.object(2), Object.fromEntries(functions));
}

/** Of a shape that compiling has checked, or refuses. */
function environmentOf(input: AskedInput): ExpressionEnvironment {
  const { roots, functions, returns } = input.object(1);
  const isKnown =
    Array.isArray(roots) && roots.every((name) => typeof name === 'string') && (functions === undefined || isFunctions(functions));
  if (!isKnown) throw new TendrilError('INPUT_INVALID', { field: 'environment', expected: 'roots and functions' });
  return {
    roots: roots,
    ...(functions !== undefined && { functions }),
    ...(returns !== undefined && { returns: typeNamed(returns) }),
  };
}

function isFunctions(value: unknown): value is NonNullable<ExpressionEnvironment['functions']> {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value as Readonly<Record<string, unknown>>).every((one) => {
    const { parameters, optional, returns } = (one ?? {}) as Readonly<Record<string, unknown>>;
    const isCount = optional === undefined || (Number.isInteger(optional) && Number(optional) >= 0);
    return (
      Array.isArray(parameters) &&
      parameters.length <= 10 &&
      parameters.every((type) => TYPES.has(type) && type !== 'any') &&
      isCount &&
      TYPES.has(returns)
    );
  });
}

const TYPES = new Set<unknown>(['boolean', 'integer', 'number', 'text', 'any'] satisfies ExpressionType[]);

function typeNamed(value: unknown): ExpressionType {
  if (!TYPES.has(value)) throw new TendrilError('INPUT_INVALID', { field: 'environment', expected: 'a type' });
  return value as ExpressionType;
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
