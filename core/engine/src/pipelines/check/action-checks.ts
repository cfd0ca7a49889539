import type { JsonObject } from '@tendril/plugin-api';
import type { Pages } from '@tendril/schemas';
import { nearestName } from '../../nearest-name.ts';
import { callKey } from '../definition.ts';
import type { StepDefinition } from '../definition.ts';
import type { Place } from '../source.ts';
import { checkTypedTemplate } from './expression-checks.ts';
import { checkInput, checkValue } from './input-checks.ts';
import { schemaAt } from './root-schemas.ts';
import type { StepContext } from './step-context.ts';

/** Something that may need a connection. */
export interface ConnectionUser {
  readonly what: 'action' | 'trigger';
  readonly name: string;
  readonly plugin: string;
  readonly connectionKinds: readonly string[];
}

type Connections = NonNullable<StepContext['connections']>;

/** Checks a step that calls an action. */
export function checkAction(context: StepContext, step: StepDefinition, place: Place): void {
  const inputPlace = step.with === undefined ? place : [...place, 'with'];
  if (step.idempotencyKey !== undefined)
    checkTypedTemplate(context, step.idempotencyKey, [...place, 'idempotencyKey'], {
      member: 'idempotencyKey',
      types: ['string', 'int', 'uint', 'double', 'bool'],
      wanted: 'a text or number',
    });
  checkCall(context, step, place, inputPlace);
}

/** Checks an action that gives a list page by page. @returns the schema of one element, where it is known */
export function checkPages(context: StepContext, pages: Pages, place: Place): JsonObject | undefined {
  const { action: name, connection, items, cursor, cursorInput = 'cursor' } = pages;
  const input = (pages.with ?? {}) as JsonObject;
  const inputPlace = pages.with === undefined ? place : [...place, 'with'];
  checkCall(context, { action: name, ...(connection === undefined ? {} : { connection }), with: input }, place, inputPlace);
  const action = context.known.actionsByCall.get(callKey(pages));
  if (action === undefined) return undefined;
  if (action.effect !== 'read')
    tell(context, `A loop asks for pages with an action that only reads; \`${name}\` has the effect \`${action.effect}\`.`, [
      ...place,
      'action',
    ]);
  if (lacks(action.input, cursorInput))
    tell(context, `The action has no input \`${cursorInput}\` for the cursor: say with \`cursorInput\` which one takes it.`, [
      ...place,
      pages.cursorInput === undefined ? 'action' : 'cursorInput',
    ]);
  if (cursor !== undefined) checkField(context, action.output, cursor, [...place, 'cursor']);
  return checkField(context, action.output, items, [...place, 'items']) ? itemsOf(context, action.output, items, place) : undefined;
}

function itemsOf(context: StepContext, output: JsonObject, items: string, place: Place): JsonObject | undefined {
  const list = schemaAt(output, items.split('.'));
  const type = list?.['type'];
  if (type !== undefined && type !== 'array') {
    tell(context, `\`${items}\` of the output is no list.`, [...place, 'items']);
    return undefined;
  }
  return list?.['items'] as JsonObject | undefined;
}

/** Follows a path of fields as far as the schema says which there are. */
function checkField(context: StepContext, output: JsonObject, path: string, place: Place): boolean {
  let schema: JsonObject | undefined = output;
  for (const field of path.split('.')) {
    if (schema === undefined || !lacks(schema, field)) {
      schema = schemaAt(schema, [field]);
      continue;
    }
    const known = Object.keys(schema['properties'] as JsonObject);
    context.faults.push(
      context.source.fault('PIPELINE_INVALID', `The output has no field \`${field}\`.`, place, { suggestion: nearestName(field, known) }),
    );
    return false;
  }
  return true;
}

/** Whether the schema names its fields, and this is none of them. */
function lacks(schema: JsonObject, field: string): boolean {
  const { properties, additionalProperties } = schema as { readonly properties?: JsonObject; readonly additionalProperties?: unknown };
  const isOpen = additionalProperties === true || typeof additionalProperties === 'object';
  const isChoice = ['patternProperties', 'allOf', 'anyOf', 'oneOf', '$ref'].some((keyword) => keyword in schema);
  return properties !== undefined && !isOpen && !isChoice && !Object.hasOwn(properties, field);
}

function checkCall(
  context: StepContext,
  step: Pick<StepDefinition, 'action' | 'connection' | 'with'>,
  place: Place,
  inputPlace: Place,
): void {
  const name = step.action ?? '';
  const action = context.known.actionsByCall.get(callKey(step));
  if (action === undefined) {
    context.faults.push(
      context.source.fault('PIPELINE_UNKNOWN_ACTION', `There is no action \`${name}\`.`, [...place, 'action'], {
        suggestion: nearestName(name, context.actionNames),
      }),
    );
    checkValue(context, step.with ?? {}, inputPlace);
    return;
  }
  checkInput(context, step.with ?? {}, action.input, inputPlace);
  const user: ConnectionUser = { what: 'action', name: action.name, plugin: action.plugin, connectionKinds: action.connectionKinds };
  if (context.connections !== undefined) checkConnection(context, context.connections, user, step.connection, place, 'action');
}

/** Checks that the connection is there and fits. @param member where it is told that one is missing */
export function checkConnection(
  context: Pick<StepContext, 'source' | 'faults'>,
  all: Connections,
  { what, name, plugin, connectionKinds }: ConnectionUser,
  connection: string | undefined,
  place: Place,
  member: string,
): void {
  const fitting = all.filter((candidate) => candidate.plugin === plugin && connectionKinds.includes(candidate.kind));
  const names = fitting.map((candidate) => candidate.name);
  const refuse = (code: 'CONNECTION_UNKNOWN' | 'CONNECTION_MISSING', message: string, suggestion?: string): void => {
    context.faults.push(context.source.fault(code, message, [...place, connection === undefined ? member : 'connection'], { suggestion }));
  };
  if (connectionKinds.length === 0) {
    if (connection !== undefined) refuse('CONNECTION_UNKNOWN', `The ${what} \`${name}\` takes no connection.`);
    return;
  }
  if (connection === undefined) {
    const message = missingConnection({ what, name, plugin, connectionKinds }, names);
    if (message !== undefined) refuse('CONNECTION_MISSING', message);
    return;
  }
  if (names.includes(connection)) return;
  const other = all.find((candidate) => candidate.name === connection);
  if (other === undefined)
    refuse('CONNECTION_UNKNOWN', `There is no connection \`${connection}\`.`, nearestName(connection, names) ?? names[0]);
  else
    refuse(
      'CONNECTION_UNKNOWN',
      `The connection \`${connection}\` is one of \`${other.plugin}\` (${other.kind}); \`${name}\` needs one of \`${plugin}\`.`,
      names[0],
    );
}

function missingConnection({ what, name, plugin }: ConnectionUser, names: readonly string[]): string | undefined {
  if (names.length === 0)
    return `The ${what} \`${name}\` needs a connection of \`${plugin}\`, and there is none: add one with \`tendril connections add\`.`;
  return names.length > 1 && !names.includes(plugin)
    ? `There are several connections of \`${plugin}\`: say which with \`connection:\` (${names.join(', ')}).`
    : undefined;
}

function tell(context: StepContext, message: string, place: Place): void {
  context.faults.push(context.source.fault('PIPELINE_INVALID', message, place));
}
