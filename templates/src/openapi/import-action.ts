import type { JsonObject } from '@tendril/plugin-api';
import { serverUrl } from './base-url.ts';
import type { DescriptionDocument } from './description-document.ts';
import { guessEffect, reachesPeople } from './guess-effect.ts';
import type { GuessedEffect } from './guess-effect.ts';
import { guessPaging } from './guess-paging.ts';
import type { GuessedPaging } from './guess-paging.ts';
import { pointerTo } from './guesses.ts';
import type { GuessList } from './guesses.ts';
import { planInput } from './input-plan.ts';
import type { InputPlan } from './input-plan.ts';
import { shortened, wordOf } from './json-values.ts';
import type { Answer, Operation } from './operations.ts';
import type { ReadSecurity } from './read-security.ts';
import { requestTemplates } from './request-templates.ts';
import { createTranslator } from './translate-schema.ts';
import { untangleSchema } from './untangle-schema.ts';

/** An operation that became an action. */
export interface ImportedAction {
  readonly id: string;
  readonly operation: Operation;
  readonly plan: InputPlan;
  readonly paging: GuessedPaging | undefined;
  /** The answer that the output is made of. */
  readonly answer: Answer | undefined;
  /** As the manifest has it. */
  readonly action: JsonObject;
  readonly outputSchema: JsonObject;
  readonly connectionKinds: readonly string[];
}

/** With what operations are imported. */
export interface ImportContext {
  readonly document: DescriptionDocument;
  readonly security: ReadSecurity;
  readonly guesses: GuessList;
  /** Kinds of connections for operations that name none: where the connection tells the address. */
  readonly fallbackKinds: readonly string[];
}

const LONGEST_DESCRIPTION = 1_000;

/** Makes an action of an operation. */
export function importAction(operation: Operation, context: ImportContext): ImportedAction {
  const { document, security } = context;
  const effect = guessEffect(operation);
  const answer = successOf(operation);
  const responseType = responseTypeOf(answer);
  const paging = effect.effect === 'read' && responseType === 'json' ? guessPaging(document, operation, answer) : undefined;
  const credentials = new Set([...security.byScheme.values()].flatMap(({ parameters }) => parameters.map((name) => name.toLowerCase())));
  const found = security.kindsOf(operation);
  const kinds = found.kinds.length > 0 ? found.kinds : context.fallbackKinds;
  const plan = planInput(document, operation, (name, place) => {
    if (name === paging?.parameter || (place === 'header' && name === effect.keyHeader)) return true;
    return place !== 'path' && place !== 'body' && kinds.length > 0 && credentials.has(name.toLowerCase());
  });
  const output = createTranslator(document, 'output');
  const outputSchema = outputOf(output, { answer, paging, responseType });
  const server = operation.server === undefined ? undefined : serverUrl(operation.server);
  const { path, ...templates } = requestTemplates(operation, plan);
  const action: JsonObject = {
    title: operation.title,
    // Assistants choose by it: what stands in the title is better than nothing.
    description: shortened(operation.description ?? operation.title, LONGEST_DESCRIPTION),
    effect: effect.effect,
    ...(effect.idempotency !== undefined && { idempotency: effect.idempotency }),
    ...(kinds.length > 0 && { connection: kinds.length === 1 ? (kinds[0] ?? '') : kinds }),
    input: plan.schema,
    output: outputSchema,
    http: {
      ...(server === undefined ? { path: path ?? '' } : { url: `${server}${wordOf(path)}` }),
      ...templates,
      ...(effect.keyHeader !== undefined && { idempotencyKey: effect.keyHeader }),
      ...(responseType !== 'json' && { responseType }),
      ...(responseType === 'none' && { output: { status: '${{ response.status }}' } }),
      ...(paging !== undefined && { paging: paging.paging }),
    },
  };
  tellGuesses(
    operation,
    { effect, paging, plan, isCut: untangleSchema(outputSchema) || plan.isCut || output.isCut, loss: found.loss },
    context.guesses,
  );
  return { id: operation.id, operation, plan, paging, answer, action, outputSchema, connectionKinds: kinds };
}

function successOf({ answers }: Operation): Answer | undefined {
  const successes = answers.filter(({ status }) => /^2/.test(status)).toSorted((a, b) => a.status.localeCompare(b.status));
  return successes.find(({ schema }) => schema !== undefined) ?? successes[0] ?? answers.find(({ status }) => status === 'default');
}

function responseTypeOf(answer: Answer | undefined): 'json' | 'text' | 'base64' | 'none' {
  const type = answer?.contentType?.toLowerCase();
  if (answer === undefined || (type === undefined && answer.schema === undefined)) return 'none';
  if (type === undefined || type.includes('json') || type.startsWith('*')) return 'json';
  return type.startsWith('text/') || type.includes('xml') ? 'text' : 'base64';
}

function outputOf(
  translator: ReturnType<typeof createTranslator>,
  { answer, paging, responseType }: Pick<ImportedAction, 'answer' | 'paging'> & { readonly responseType: string },
): JsonObject {
  if (responseType === 'none')
    return { type: 'object', properties: { status: { type: 'integer', description: 'HTTP status of the answer.' } } };
  if (responseType !== 'json')
    return { type: 'string', description: responseType === 'text' ? 'The answer as text.' : 'The answer in base64.' };
  const schema = paging === undefined ? translator.translate(answer?.schema) : pagesOf(translator.translate(paging.itemSchema));
  const definitions = translator.definitions();
  return Object.keys(definitions).length > 0 ? { ...schema, $defs: definitions } : schema;
}

function pagesOf(items: JsonObject): JsonObject {
  return {
    type: 'object',
    required: ['items', 'hasMore'],
    properties: {
      items: { type: 'array', items, description: 'The items of all pages that were asked for.' },
      hasMore: { type: 'boolean', description: 'Whether pages were left behind.' },
    },
  };
}

interface Told {
  readonly effect: GuessedEffect;
  readonly paging: GuessedPaging | undefined;
  readonly plan: InputPlan;
  readonly isCut: boolean;
  readonly loss: string | undefined;
}

function tellGuesses(operation: Operation, { effect, paging, plan, isCut, loss }: Told, guesses: GuessList): void {
  const at = pointerTo('contributes', 'actions', operation.id);
  if (effect.doubt !== undefined)
    guesses.add(
      `${at}/effect`,
      `is \`${effect.effect}\`${effect.idempotency === undefined ? '' : ` with idempotency \`${effect.idempotency}\``}, since ${effect.doubt}.`,
    );
  if (reachesPeople(operation))
    guesses.add(`${at}/effect`, 'seems to reach people: make it `send`, with `send`, so that consent and quiet hours hold for it.');
  if (paging !== undefined)
    guesses.add(`${at}/http/paging`, `is guessed: ${paging.why}. At most ${wordOf(paging.paging['maxPages'])} pages are asked for.`);
  for (const [place, wireName, name] of plan.renamed)
    guesses.add(`${at}/input/properties/${name}`, `is \`${wireName}\` of the ${place}; another parameter has that name.`);
  if (isCut) guesses.add(at, 'has a schema that is too large or refers back to itself in several ways: what lies deeper takes anything.');
  if (loss !== undefined) guesses.add(`${at}/connection`, `${loss}.`);
  for (const each of operation.losses) guesses.add(`${at}/http`, `${each}.`);
  if (operation.method === 'GET' && operation.body !== undefined) guesses.add(`${at}/http`, 'is a GET with a body, which is not sent.');
  if (operation.isDeprecated) guesses.add(at, 'is deprecated by the service.');
}
