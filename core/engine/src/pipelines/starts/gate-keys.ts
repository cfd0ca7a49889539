import { createHmac } from 'node:crypto';
import type { JsonObject } from '@tendril/plugin-api';
import type { EnvironmentName } from '../../environments.ts';
import type { TenantKeys } from '../../ports.ts';
import { BoundExceeded, EMPTY_SCOPE, EvaluationFault, toJson } from '../../expressions/index.ts';
import type { Expression, Scope } from '../../expressions/index.ts';
import { eventView, NO_PROFILE } from '../runs/run-scope.ts';
import { digest } from '../runs/records.ts';
import type { PinnedEvent } from '../runs/records.ts';

/** What conditions of triggers and keys of limits read. */
export interface StartScope {
  readonly event?: PinnedEvent;
  readonly events?: readonly PinnedEvent[];
  readonly profile?: JsonObject;
  readonly personId?: string;
  readonly input?: JsonObject;
  readonly settings: JsonObject;
}

/** The scope as expressions see it. */
export function scopeOf({ event, events, profile, personId, input, settings }: StartScope): Scope {
  return {
    ...EMPTY_SCOPE,
    event: event === undefined ? {} : eventView(event),
    events: (events ?? []).map(eventView),
    profile: profile ?? { ...NO_PROFILE, id: personId ?? '' },
    input: input ?? {},
    settings,
  };
}

/** Whose limits are meant: runs of test apps do not use up what is there for live ones. */
export interface GateOwner {
  readonly pipeline: string;
  readonly environment: EnvironmentName;
  readonly isTest: boolean;
}

const LONGEST_VALUE = 100;

/**
 * The key of a limit: pipelines and environments do not share. Values of different types are different keys.
 *
 * @throws EvaluationFault when the expression cannot be evaluated, or gives something that is no JSON
 */
export function gateKey(owner: GateOwner, expression: Expression | undefined, scope: Scope): string {
  const prefix = ownerPrefix(owner);
  if (expression === undefined) return prefix;
  const value = JSON.stringify(valueOf(expression, scope));
  return `${prefix}/${value.length > LONGEST_VALUE ? digest(value, 64) : value}`;
}

/** What all keys of a pipeline in an environment begin with. */
export function ownerPrefix({ pipeline, environment, isTest }: GateOwner): string {
  return `${environment === 'production' && isTest ? 'test' : environment}/${pipeline}`;
}

function valueOf(expression: Expression, scope: Scope): unknown {
  const value = expression.evaluate(scope);
  try {
    return toJson(value);
  } catch (error) {
    if (!(error instanceof BoundExceeded)) throw error;
    const whole = { start: 0, end: expression.source.length };
    throw new EvaluationFault(expression.source, { message: `The value is no key: ${error.message}.`, ...whole }, false);
  }
}

/** The name under which something is kept that a key may say personal things in: 40 hexadecimal digits. */
export function hiddenKey({ indexKey }: Pick<TenantKeys, 'indexKey'>, key: string): string {
  return createHmac('sha256', indexKey).update(`starts\0${key}`).digest('hex').slice(0, 40);
}
