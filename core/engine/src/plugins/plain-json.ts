import type { Json } from '@tendril/plugin-api';
import type { Problem } from '../hub.ts';
import { toPointer } from './pointer.ts';

/** How much a value may be. */
export interface PlainLimits {
  readonly mostBytes: number;
  /** Values inside of values, all counted. */
  readonly mostValues: number;
}

/** A copy that is JSON and nothing else, or why there is none. */
export type PlainResult = { readonly value: Json; readonly sizeBytes: number } | { readonly problem: Problem };

/** What circles and towers end at. */
export const DEEPEST = 100;

/**
 * Copies a value that a plugin gave, without running any of its code: what holds getters, functions, circles or objects of other
 * kinds than JSON's is refused. Members that are `undefined` are left out, and so is one named `__proto__`: whoever merged the value
 * would be changed by it. The size is about that of its JSON text.
 */
export function plainJson(value: unknown, limits: PlainLimits): PlainResult {
  const copier = new Copier(limits);
  const copy = copier.copy(value, 0);
  return copier.problem === undefined ? { value: copy, sizeBytes: copier.sizeBytes } : { problem: copier.problem };
}

class Copier {
  problem: Problem | undefined;
  sizeBytes = 0;
  #values = 0;
  readonly #limits: PlainLimits;
  readonly #path: (string | number)[] = [];

  constructor(limits: PlainLimits) {
    this.#limits = limits;
  }

  copy(value: unknown, depth: number): Json {
    this.#values += 1;
    if (this.#values > this.#limits.mostValues) return this.#refuse(`holds more than ${this.#limits.mostValues} values`);
    if (typeof value === 'string') return this.#counted(value, value.length + 2);
    if (typeof value === 'number') return Number.isFinite(value) ? this.#counted(value, 8) : this.#refuse('is no finite number');
    if (typeof value === 'boolean' || value === null) return this.#counted(value, 5);
    if (value === undefined) return this.#counted(null, 4);
    if (typeof value !== 'object') return this.#refuse(`is a ${typeof value}, which is no JSON`);
    if (depth >= DEEPEST) return this.#refuse(`is nested more than ${DEEPEST} deep, or in a circle`);
    if (Array.isArray(value)) return this.#copyList(value, depth);
    if (Object.prototype.toString.call(value) !== '[object Object]') return this.#refuse('is no plain object');
    return this.#copyObject(value, depth);
  }

  #copyList(list: readonly unknown[], depth: number): Json {
    const copy: Json[] = [];
    for (let index = 0; index < list.length && this.problem === undefined; index += 1) {
      this.#path.push(index);
      const item = Object.getOwnPropertyDescriptor(list, index);
      copy.push(item !== undefined && !('value' in item) ? this.#refuse('is a getter') : this.copy(item?.value, depth + 1));
      this.#path.pop();
    }
    return copy;
  }

  #copyObject(object: object, depth: number): Json {
    const copy: Record<string, Json> = {};
    for (const name of Object.keys(object)) {
      const member = Object.getOwnPropertyDescriptor(object, name);
      if (member === undefined || name === '__proto__' || ('value' in member && member.value === undefined)) continue;
      this.#path.push(name);
      if (!('value' in member)) this.#refuse('is a getter');
      else copy[name] = this.copy(member.value, depth + 1);
      this.sizeBytes += name.length + 4;
      this.#path.pop();
      if (this.problem !== undefined) break;
    }
    return copy;
  }

  #counted(value: Json, sizeBytes: number): Json {
    this.sizeBytes += sizeBytes;
    return this.sizeBytes > this.#limits.mostBytes ? this.#refuse(`is larger than ${this.#limits.mostBytes} bytes`) : value;
  }

  #refuse(message: string): Json {
    this.problem ??= { pointer: this.#path.map((step) => toPointer(String(step))).join(''), message };
    return null;
  }
}
