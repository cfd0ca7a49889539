import type { ErrorObject } from 'ajv';
import type { JsonObject } from '@tendril/plugin-api';
import type { PipelineFault } from '../../hub.ts';
import { nearestName } from '../../nearest-name.ts';
import { placeOf } from '../source.ts';
import type { PipelineSource, Place } from '../source.ts';

/** A part of a pipeline that its schema has refused. */
export interface RefusedPart {
  readonly source: PipelineSource;
  readonly place: Place;
  readonly value: JsonObject | string;
  /** Keys that it can have. */
  readonly names: readonly string[];
}

/** What the schema found, in words; at least one fault. */
export function toFaults(part: RefusedPart, errors: readonly ErrorObject[]): readonly PipelineFault[] {
  // Of a choice, the choice is told, not what each of the alternatives would have wanted.
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath);
  const isOfChoice = ({ keyword, instancePath }: ErrorObject): boolean =>
    keyword !== 'anyOf' && choices.some((path) => instancePath === path || instancePath.startsWith(`${path}/`));
  const told = new Set<string>();
  const faults = errors.flatMap((error) => {
    const fault = isOfChoice(error) ? undefined : toFault(part, error);
    const key = `${fault?.pointer ?? ''} ${error.keyword === 'required' ? (fault?.message ?? '') : ''}`;
    if (fault === undefined || told.has(key)) return [];
    told.add(key);
    return [fault];
  });
  return faults.length > 0 ? faults : [part.source.fault('PIPELINE_INVALID', 'This is not valid here.', part.place)];
}

function toFault(part: RefusedPart, error: ErrorObject): PipelineFault | undefined {
  const { source, place } = part;
  const at = [...place, ...placeOf(error.instancePath)];
  const member = String(at.at(-1) ?? 'the file');
  const parameters = error.params as Readonly<Record<string, unknown>>;
  const tell = (message: string, suggestion?: string): PipelineFault => source.fault('PIPELINE_INVALID', message, at, { suggestion });
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(part, error, at);
    case 'required':
      return tell(`\`${String(parameters['missingProperty'])}\` is missing.`);
    case 'propertyNames': {
      const name = String(parameters['propertyName']);
      return source.fault('PIPELINE_INVALID', `\`${name}\` is not a name that can be used here: ${nameRule(error)}.`, [...at, name], {
        at: 'key',
      });
    }
    case 'type':
      return tell(`\`${member}\` has to be ${typeInWords(parameters['type'])}.`);
    case 'const':
      return tell(`\`${member}\` has to be \`${String(parameters['allowedValue'])}\`.`);
    case 'enum': {
      const allowed = (parameters['allowedValues'] as readonly unknown[]).map(String);
      return tell(
        `\`${member}\` has to be one of ${allowed.map((name) => `\`${name}\``).join(', ')}.`,
        nearestName(String(error.data), allowed),
      );
    }
    case 'x-duration':
      return tell(`\`${printable(error.data)}\` is longer than ten years.`);
    case 'not':
      return tell(`\`${printable(error.data)}\` is one of the hub's own events: a pipeline cannot send it.`);
    case 'pattern':
    case 'anyOf':
      return tell(`\`${printable(error.data)}\` is not ${patternInWords(error, member)}.`);
    case 'minItems':
    case 'minProperties':
      return tell(`\`${member}\` is empty.`);
    case 'minimum':
    case 'maximum':
    case 'maxLength':
    case 'minLength':
    case 'maxItems':
    case 'maxProperties':
    case 'uniqueItems':
      return tell(`\`${member}\` ${error.message ?? 'is not valid'}.`);
    default:
      return undefined;
  }
}

function unknownKey({ source, place, value, names }: RefusedPart, error: ErrorObject, at: Place): PipelineFault {
  const key = String((error.params as { readonly additionalProperty?: string }).additionalProperty);
  const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? names);
  const isOfStep = at.length === place.length && typeof value === 'object';
  const inner = isOfStep ? ['wait', 'approve'].find((kind) => kind in value) : undefined;
  if (isOfStep && key === 'if' && !('then' in value))
    return source.fault(
      'PIPELINE_INVALID',
      'Only an action takes `if` beside it: put this step into the `then:` of an `if:`.',
      [...at, key],
      {
        at: 'key',
      },
    );
  if (key === 'timeout' && inner !== undefined)
    return source.fault('PIPELINE_INVALID', `There is no key \`timeout\` here: it stands inside \`${inner}\`.`, [...at, key], {
      at: 'key',
    });
  return source.fault('PIPELINE_INVALID', `There is no key \`${key}\` here.`, [...at, key], {
    at: 'key',
    suggestion: nearestName(key, known),
  });
}

function printable(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

const PATTERNS: Readonly<Record<string, string>> = {
  action: 'the name of an action: write `plugin.action`',
  source: 'the name of a trigger of a plugin: write `plugin.trigger`',
  at: 'a time of day: write `09:00`',
  forEach: 'a list: write `forEach: ${{ event.properties.items }}`, or `forEach: { action: …, items: … }`',
  onError: 'steps, or steps by error code in capitals (`*` for the others)',
  priority: 'a priority: write a number from 0 (first) to 9 (last), or an expression that gives one',
  header: 'the name of a header',
  idempotencyHeader: 'the name of a header',
  on: 'an error code: capitals, digits and `_`',
};

/** What is expected at a member whose pattern or choice was not met. */
function patternInWords(error: ErrorObject, member: string): string {
  const isDuration = (error.parentSchema as JsonObject | undefined)?.['x-duration'] === true;
  if (isDuration) return 'a duration: write `30s`, `5m`, `2h`, `3d` or ISO 8601 such as `PT30S`';
  const name = /^\d+$/.test(member) ? (placeOf(error.instancePath).at(-2) ?? member) : member;
  const known = PATTERNS[String(name)];
  if (known !== undefined) return known;
  return error.keyword === 'anyOf' ? `a value that \`${member}\` can have` : nameRule(error);
}

function nameRule(error: ErrorObject): string {
  const path = error.schemaPath;
  if (path.includes('onError')) return 'an error code in capitals, or `*`';
  return ['settings', '/set/', '/output/', '/as/'].some((part) => path.includes(part))
    ? 'a name of letters, digits and `_`'
    : 'a name of lower-case letters, digits and single `_` that begins with a letter';
}

function typeInWords(type: unknown): string {
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    object: 'an object',
    array: 'a list',
    boolean: '`true` or `false`',
    integer: 'a whole number',
    number: 'a number',
  };
  return (Array.isArray(type) ? type : [type]).map((name) => words[String(name)] ?? String(name)).join(' or ');
}
