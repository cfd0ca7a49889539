import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';

const MOST_ITEMS = 10_000;

/** What a plugin's process sent with a question: JSON of any shape. Each reader throws INPUT_INVALID for another shape. */
export class AskedInput {
  readonly #items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    this.#items = items;
  }

  text(at: number): string {
    const value = this.#items[at];
    return typeof value === 'string' ? value : this.#refuse(at, 'a text');
  }

  number(at: number): number {
    const value = this.#items[at];
    return typeof value === 'number' ? value : this.#refuse(at, 'a number');
  }

  numberOrNothing(at: number): number | undefined {
    return this.isNothing(at) ? undefined : this.number(at);
  }

  texts(at: number): readonly string[] {
    const value = this.#items[at];
    const isTexts = Array.isArray(value) && value.length <= MOST_ITEMS && value.every((item) => typeof item === 'string');
    return isTexts ? value : this.#refuse(at, 'a list of texts');
  }

  object(at: number): Readonly<Record<string, unknown>> {
    const value = this.#items[at];
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : this.#refuse(at, 'an object');
  }

  objects(at: number): readonly JsonObject[] {
    const value = this.#items[at];
    const isObjects =
      Array.isArray(value) &&
      value.length <= MOST_ITEMS &&
      value.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item));
    return isObjects ? (value as readonly JsonObject[]) : this.#refuse(at, 'a list of objects');
  }

  lists(at: number): readonly (readonly unknown[])[] {
    const value = this.#items[at];
    const isLists = Array.isArray(value) && value.length <= MOST_ITEMS && value.every((item) => Array.isArray(item));
    return isLists ? (value as readonly (readonly unknown[])[]) : this.#refuse(at, 'a list of lists');
  }

  objectOrNothing(at: number): Readonly<Record<string, unknown>> | undefined {
    return this.isNothing(at) ? undefined : this.object(at);
  }

  expectation(at: number): number | 'absent' | undefined {
    return this.#items[at] === 'absent' ? 'absent' : this.numberOrNothing(at);
  }

  any(at: number): unknown {
    return this.#items[at];
  }

  /** JSON has no `undefined` in a list. */
  isNothing(at: number): boolean {
    return this.#items[at] === undefined || this.#items[at] === null;
  }

  #refuse(at: number, expected: string): never {
    throw new TendrilError('INPUT_INVALID', { field: `argument ${at + 1}`, expected });
  }
}
