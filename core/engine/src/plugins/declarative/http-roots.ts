import { createRootSet } from '../../expressions/index.ts';
import type { ScopeOf } from '../../expressions/index.ts';

const NAMES = [
  'input',
  'connection',
  'settings',
  'idempotencyKey',
  'permit',
  'cursor',
  'page',
  'response',
  'items',
  'hasMore',
  'webhook',
] as const;

/** A name that expressions of declarative plugins read; which of them are there depends on the place. */
export type HttpRoot = (typeof NAMES)[number];

/** What expressions of declarative plugins read. */
export const HTTP_ROOTS = createRootSet(NAMES);

/** The values that they read. */
export type HttpScope = ScopeOf<HttpRoot>;
