import type { Json, JsonObject } from '@tendril/plugin-api';
import type { DescriptionDocument } from './description-document.ts';
import { isObject, objectOf, shortened } from './json-values.ts';
import type { Operation, Parameter, RequestBody } from './operations.ts';
import { createTranslator } from './translate-schema.ts';
import type { SchemaTranslator } from './translate-schema.ts';
import { untangleSchema } from './untangle-schema.ts';

/** One member of an action's input, and where its value goes in the request. */
export interface PlannedMember {
  /** In the input. */
  readonly name: string;
  /** In the request. */
  readonly wireName: string;
  readonly place: 'path' | 'query' | 'header' | 'body' | 'wholeBody';
  readonly isRequired: boolean;
  readonly isFile: boolean;
  readonly separator: string | undefined;
  readonly schema: JsonObject;
  readonly example: Json | undefined;
}

/** The input of an action, made flat of all that its operation takes. */
export interface InputPlan {
  readonly members: readonly PlannedMember[];
  readonly bodyKind: RequestBody['kind'] | undefined;
  readonly bodyType: string | undefined;
  /** Members of the input that were renamed, since two parameters had their name: `[place, wire name, name]`. */
  readonly renamed: readonly (readonly [string, string, string])[];
  readonly isCut: boolean;
  readonly schema: JsonObject;
}

/** Headers that the hub, the connection or the body decides about. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'content-type',
  'accept',
  'user-agent',
  'host',
  'content-length',
  'cookie',
  'connection',
]);
const FILE: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['fileName', 'base64'],
  properties: {
    fileName: { type: 'string', minLength: 1, description: 'Name of the file.' },
    base64: { type: 'string', description: 'Content in base64.' },
  },
};

/** Whether a parameter is put in otherwise: credentials, the cursor of paging, the key of the call. */
export type IsLeftOut = (name: string, place: Parameter['place'] | 'body') => boolean;

/** Makes one flat object of all that an operation takes. */
export function planInput(document: DescriptionDocument, operation: Operation, isLeftOut: IsLeftOut): InputPlan {
  const translator = createTranslator(document, 'input');
  const body = operation.method === 'GET' ? undefined : operation.body;
  const wanted = operation.parameters.filter(
    ({ name, place }) => !isLeftOut(name, place) && !(place === 'header' && OWN_HEADERS.has(name.toLowerCase())),
  );
  const drafts = [
    ...wanted.map((parameter) => ofParameter(document, parameter, translator)),
    ...(body?.schema === undefined ? [] : ofBody(document, body, translator, isLeftOut)),
  ];
  const renamed: (readonly [string, string, string])[] = [];
  const taken = new Set<string>();
  const members = drafts.map((draft) => {
    const name = freeName(draft, taken);
    taken.add(name);
    if (name !== draft.name) renamed.push([draft.place, draft.wireName, name]);
    return { ...draft, name };
  });
  const definitions = translator.definitions();
  const required = members.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  const schema: JsonObject = {
    type: 'object',
    additionalProperties: false,
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(members.map((member) => [member.name, member.schema])),
    ...(Object.keys(definitions).length > 0 && { $defs: definitions }),
  };
  return { members, bodyKind: body?.kind, bodyType: body?.contentType, renamed, isCut: untangleSchema(schema) || translator.isCut, schema };
}

function freeName({ name, place }: PlannedMember, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  const prefixed = `${place === 'wholeBody' ? 'body' : place}_${name}`;
  if (!taken.has(prefixed)) return prefixed;
  for (let number = 2; ; number += 1) if (!taken.has(`${prefixed}_${number}`)) return `${prefixed}_${number}`;
}

function ofParameter(document: DescriptionDocument, parameter: Parameter, translator: SchemaTranslator): PlannedMember {
  const { name, place, isRequired, description, example, separator } = parameter;
  const written = document.resolve(parameter.schema);
  const isFile = written['type'] === 'file' || written['format'] === 'binary';
  const translated = isFile ? FILE : translator.translate(parameter.schema);
  return {
    name,
    wireName: name,
    place: place === 'form' ? 'body' : place,
    isRequired,
    isFile,
    separator: place === 'form' ? undefined : separator,
    schema: { ...translated, ...(description !== undefined && { description: shortened(description, 400) }) },
    example,
  };
}

/** The members of an object become members of the input; any other body is one member, `body`. */
function ofBody(
  document: DescriptionDocument,
  body: RequestBody,
  translator: SchemaTranslator,
  isLeftOut: IsLeftOut,
): readonly PlannedMember[] {
  const whole = translator.translate(flatReference(document, body.schema));
  const written = document.resolve(body.schema);
  const properties = objectOf(whole['properties']);
  const isFlat =
    body.kind !== 'text' && Object.keys(properties).length > 0 && !isObject(whole['additionalProperties']) && !('allOf' in whole);
  if (!isFlat) {
    const schema = Object.keys(whole).length === 0 && body.kind === 'text' ? { type: 'string' } : whole;
    const isRequired = body.isRequired || body.kind === 'text';
    return [
      {
        name: 'body',
        wireName: 'body',
        place: 'wholeBody',
        isRequired,
        isFile: false,
        separator: undefined,
        schema,
        example: body.example,
      },
    ];
  }
  const required = new Set((whole['required'] ?? []) as readonly string[]);
  const examples = objectOf(body.example);
  return Object.entries(properties)
    .filter(([name]) => !isLeftOut(name, 'body'))
    .map(([name, property]) => {
      const isFile = body.kind === 'multipart' && isBinary(document, written, name);
      return {
        name,
        wireName: name,
        place: 'body' as const,
        isRequired: required.has(name),
        isFile,
        separator: undefined,
        schema: isFile ? FILE : objectOf(property),
        example: Object.hasOwn(examples, name) ? examples[name] : undefined,
      };
    });
}

/** The schema of the body itself has to be looked into, not referred to. */
function flatReference(document: DescriptionDocument, schema: unknown): unknown {
  return typeof objectOf(schema)['$ref'] === 'string' ? document.resolve(schema) : schema;
}

function isBinary(document: DescriptionDocument, schema: JsonObject, name: string): boolean {
  const property = document.resolve(objectOf(schema['properties'])[name]);
  return (
    property['format'] === 'binary' ||
    property['contentEncoding'] === 'binary' ||
    property['contentMediaType'] === 'application/octet-stream'
  );
}
