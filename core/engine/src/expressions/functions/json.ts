import { assertTextLength, BoundExceeded, LIMITS } from '../bounds.ts';
import { EvaluationError } from '../evaluation-error.ts';
import type { Frame } from '../frame.ts';
import { memberOf } from '../members.ts';
import { toJson } from '../values.ts';
import type { FunctionDefinition } from './definition.ts';
import { form } from './definition.ts';

const CHARACTERS_PER_COST = 16;

function writeJson(value: unknown, frame: Frame): string {
  const text = JSON.stringify(toJson(value, frame));
  assertTextLength(text.length);
  return text;
}

function readJson(text: string, frame: Frame): unknown {
  frame.spend(text.length / CHARACTERS_PER_COST);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new EvaluationError('value', 'The text is no JSON.');
  }
  assertShape(value, 0, frame);
  return value;
}

function assertShape(value: unknown, depth: number, frame: Frame): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > LIMITS.valueDepth) throw new BoundExceeded('a value in it is nested too deeply');
  const members = Object.values(value) as readonly unknown[];
  frame.spend(members.length);
  for (const member of members) assertShape(member, depth + 1, frame);
}

const MAX_PATH_PARTS = 32;

function atPath(value: unknown, path: string): unknown {
  const parts = path.split('.');
  if (parts.length > MAX_PATH_PARTS) throw new BoundExceeded('a path in it is too long');
  let current = value;
  for (const part of parts) {
    if (typeof current !== 'object' || current === null) return null;
    current = Array.isArray(current) ? (/^\d{1,6}$/.test(part) ? (current[Number(part)] as unknown) : undefined) : memberOf(current, part);
  }
  return current ?? null;
}

/** Reading and writing JSON. */
export const JSON_FUNCTIONS: readonly FunctionDefinition[] = [
  {
    name: 'toJson',
    subject: 'json',
    summary: 'Writes a value as JSON.',
    example: 'toJson({"a": [1, true, null]})',
    result: '{"a":[1,true,null]}',
    forms: [form('toJson(dyn) -> string', ([value]: readonly [unknown], frame: Frame) => writeJson(value, frame))],
  },
  {
    name: 'parseJson',
    subject: 'json',
    summary: 'Reads JSON; its numbers are doubles.',
    example: `parseJson('{"plan": {"seats": 5}}').plan.seats + 1`,
    result: 6,
    forms: [form('parseJson(string) -> dyn', ([text]: readonly [string], frame: Frame) => readJson(text, frame))],
  },
  {
    name: 'at',
    subject: 'json',
    summary: 'What a value holds under a path of fields and indexes, null when there is nothing.',
    example: 'at({"items": [{"sku": "A1"}]}, "items.0.sku")',
    result: 'A1',
    forms: [form('at(dyn, string) -> dyn', ([value, path]: readonly [unknown, string]) => atPath(value, path))],
  },
];
