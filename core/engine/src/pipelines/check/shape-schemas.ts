import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv';
import type { JsonObject } from '@tendril/plugin-api';
import { pipelineSchema } from '@tendril/schemas';
import { STEP_KINDS, TRIGGER_KINDS } from '../definition.ts';
import type { StepKind, TriggerKind } from '../definition.ts';
import { parseDuration } from '../duration.ts';

/** Forms that a member of a step or trigger can have beside a text. */
export const FORMS = ['until', 'at', 'event', 'pages', 'schedule'] as const;

/** A form beside a text: of a `wait` what is waited for, of a `forEach` the pages, of a `schedule` its object. */
export type Form = (typeof FORMS)[number];

/** A schema with the names that it knows. */
export interface Shape {
  readonly validate: ValidateFunction;
  readonly names: readonly string[];
}

/** The schema of pipelines, taken apart where it has a choice. */
export interface Shapes {
  readonly pipeline: Shape;
  readonly steps: Readonly<Record<StepKind, Shape>>;
  readonly triggers: Readonly<Record<TriggerKind, Shape>>;
  readonly forms: Readonly<Record<Form, Shape>>;
  /** Of a `wait` that is a text without expressions. */
  readonly duration: Shape;
}

interface Whole {
  readonly $id: string;
  readonly properties: JsonObject;
  readonly $defs: Record<string, Definition>;
}

interface Definition {
  readonly properties?: Record<string, { anyOf?: readonly JsonObject[] }>;
}

let shapes: Shapes | undefined;

/**
 * Steps, triggers and their forms are judged one by one, each by the schema of its own kind, so that a fault in one is not
 * told as a fault of every alternative: in this copy of the schema a choice is any text or object.
 */
export function loadShapes(): Shapes {
  shapes ??= takeApart();
  return shapes;
}

function takeApart(): Shapes {
  const whole = structuredClone(pipelineSchema as unknown) as Whole;
  const choice = (definition: string, member: string): readonly JsonObject[] => {
    const properties = whole.$defs[definition]?.properties ?? {};
    const alternatives = properties[member]?.anyOf ?? [];
    properties[member] = { type: ['string', 'object'] } as object;
    return alternatives;
  };
  const [, , until, at, event] = choice('waitStep', 'wait');
  const [, schedule] = choice('scheduleTrigger', 'schedule');
  choice('forEachStep', 'forEach');
  Object.assign(whole.$defs, { step: { type: 'object' }, trigger: { type: 'object' }, until, at, event, schedule });
  whole.$defs['duration'] = { ...whole.$defs['duration'], 'x-duration': true } as Definition;
  const ajv = new Ajv2020({ allErrors: true, strict: false, verbose: true });
  ajv.addKeyword({ keyword: 'x-duration', type: 'string', schemaType: 'boolean', validate: isNoOverlongDuration });
  ajv.addSchema(whole);
  const shape = (name: string): Shape => ({
    validate: ajv.compile({ $ref: `${whole.$id}#/$defs/${name}` }),
    names: Object.keys(whole.$defs[name]?.properties ?? {}),
  });
  const shapesOf = <Name extends string>(names: readonly Name[], suffix: string): Readonly<Record<Name, Shape>> =>
    Object.fromEntries(names.map((name) => [name, shape(`${name}${suffix}`)])) as Record<Name, Shape>;
  return {
    pipeline: { validate: ajv.compile({ $ref: whole.$id }), names: Object.keys(whole.properties) },
    steps: shapesOf(STEP_KINDS, 'Step'),
    triggers: shapesOf(TRIGGER_KINDS, 'Trigger'),
    forms: shapesOf(FORMS, ''),
    duration: shape('duration'),
  };
}

/** Texts that are no durations are another fault. */
function isNoOverlongDuration(_: boolean, text: string): boolean {
  return !/^(?:(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+|P[\dWDTHMS.]+)$/.test(text) || parseDuration(text) !== undefined;
}
