import { CATALOGUE, TendrilError } from '@tendril/plugin-api';
import type { ErrorCode, ErrorDetails } from '@tendril/plugin-api';

/** An error on its way: one of the catalogue, or what may be known of another. */
export interface WireError {
  /** Of the catalogue. */
  readonly code?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** Of a foreign error: its name, `code` and what caused it. */
  readonly foreign?: {
    /** `typeof` what was thrown, where it was no Error. */
    readonly type: string;
    readonly name: string;
    readonly code?: string;
    /** Only of errors that the platform throws for a wrong use, and only from the hub to the plugin. */
    readonly message?: string;
    readonly cause?: WireError;
  };
  /** Where it happened, as lines of a stack. */
  readonly frames?: readonly string[];
}

const DEEPEST_CAUSE = 4;
const MOST_FRAMES = 20;
const LONGEST_FRAME = 300;
const LONGEST_DETAILS = 256 * 1024;
const OF_WRONG_USE = new Set(['TypeError', 'RangeError', 'SyntaxError', 'URIError', 'AbortError', 'TimeoutError']);

/** @param isForPlugin whether it goes to the plugin, which may read what it did wrong */
export function toWireError(error: unknown, isForPlugin: boolean, depth = 0): WireError {
  const frames = framesOf(error);
  if (TendrilError.is(error)) return { code: error.code, details: plainDetails(error.details), frames };
  const isError = error instanceof Error;
  const name = isError ? error.name : '';
  const code = memberOf(error, 'code');
  const cause = depth < DEEPEST_CAUSE ? causeOf(error) : undefined;
  return {
    foreign: {
      type: isError ? 'error' : typeof error,
      name,
      ...(typeof code === 'string' && { code }),
      ...(isForPlugin && isError && OF_WRONG_USE.has(name) && { message: error.message }),
      ...(cause !== undefined && { cause: toWireError(cause, isForPlugin, depth + 1) }),
    },
    frames,
  };
}

/** The error again, or the value that was thrown in place of one. Takes any value: what is not as it should be is left out. */
export function fromWireError(wire: unknown, depth = 0): unknown {
  const { code, details, foreign, frames } = objectOr(wire);
  const error = isKnownCode(code) ? new TendrilError(code, objectOr(details)) : foreignError(objectOr(foreign), depth);
  if (error instanceof Error) {
    const lines = Array.isArray(frames) ? frames.filter((line): line is string => typeof line === 'string').slice(0, MOST_FRAMES) : [];
    error.stack = [`${error.name}: ${error.message}`, ...lines.map((line) => line.slice(0, LONGEST_FRAME))].join('\n');
  }
  return error;
}

function foreignError({ type, name, code, message, cause }: Readonly<Record<string, unknown>>, depth: number): unknown {
  if (type === 'string') return '';
  if (type === 'undefined') return undefined;
  const members = typeof code === 'string' ? { code: code.slice(0, LONGEST_FRAME) } : {};
  if (type === 'object') return members;
  const error = Object.assign(new Error(typeof message === 'string' ? message : ''), members);
  error.name = typeof name === 'string' ? name.slice(0, LONGEST_FRAME) : 'Error';
  if (cause !== undefined && depth < DEEPEST_CAUSE) error.cause = fromWireError(cause, depth + 1);
  return error;
}

function isKnownCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(CATALOGUE, code);
}

function causeOf(error: unknown): unknown {
  const cause = memberOf(error, 'cause');
  const errors = memberOf(error, 'errors');
  return cause ?? (Array.isArray(errors) ? (errors[0] as unknown) : undefined);
}

/** Members of foreign errors may be getters that throw. */
function memberOf(value: unknown, name: string): unknown {
  try {
    return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  } catch {
    return undefined;
  }
}

function framesOf(error: unknown): readonly string[] {
  const stack = error instanceof Error ? memberOf(error, 'stack') : undefined;
  if (typeof stack !== 'string') return [];
  const lines = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return lines.slice(0, MOST_FRAMES).map((line) => line.slice(0, LONGEST_FRAME));
}

/** Details that JSON cannot carry, or that are too much of it, are left out as a whole. */
function plainDetails(details: ErrorDetails): Readonly<Record<string, unknown>> {
  try {
    const text = JSON.stringify(details);
    return text.length > LONGEST_DETAILS ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>);
  } catch {
    return {};
  }
}

function objectOr(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}
