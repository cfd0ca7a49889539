import { ADDRESS_FUNCTIONS } from './addresses.ts';
import { CONVERSIONS } from './conversions.ts';
import type { FunctionDefinition } from './definition.ts';
import { HASH_FUNCTIONS } from './hash.ts';
import { JSON_FUNCTIONS } from './json.ts';
import { LIST_FUNCTIONS } from './lists.ts';
import { NUMBER_FUNCTIONS } from './numbers.ts';
import { TEXT_FUNCTIONS } from './text.ts';
import { TIME_FUNCTIONS } from './time.ts';
import { CEL_ACCESSORS, TIME_PARTS } from './time-parts.ts';

export type { FunctionDefinition, FunctionSubject } from './definition.ts';
export { MACROS } from './macro-documents.ts';

/** Every function of expressions, with its documentation. */
export const FUNCTIONS: readonly FunctionDefinition[] = [
  ...CONVERSIONS,
  ...TEXT_FUNCTIONS,
  ...ADDRESS_FUNCTIONS,
  ...NUMBER_FUNCTIONS,
  ...TIME_FUNCTIONS,
  ...TIME_PARTS,
  ...CEL_ACCESSORS,
  ...LIST_FUNCTIONS,
  ...JSON_FUNCTIONS,
  ...HASH_FUNCTIONS,
];
