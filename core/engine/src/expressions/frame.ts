import { Budget } from './bounds.ts';

/** One evaluation: what it reads, what its macros have named, and what it may still cost. */
export class Frame extends Budget {
  readonly roots: Readonly<Record<string, unknown>>;
  /** Values of the names that macros give, by slot. */
  readonly locals: unknown[] = [];
  /** Gives the value of a call of a function that the compiling side brought along. */
  own: ((index: number) => unknown) | undefined;

  constructor(roots: object) {
    super();
    this.roots = roots as Readonly<Record<string, unknown>>;
  }
}

/** A compiled part of an expression. @throws EvaluationError or BoundExceeded */
export type Compute = (frame: Frame) => unknown;

/** Where the names in a part of an expression are found. */
export class Names {
  readonly isRoot: (name: string) => boolean;
  readonly #slots: ReadonlyMap<string, number>;

  constructor(isRoot: (name: string) => boolean, slots: ReadonlyMap<string, number> = new Map()) {
    this.isRoot = isRoot;
    this.#slots = slots;
  }

  /** Slot of a name that a macro has given. */
  slotOf(name: string): number | undefined {
    return this.#slots.get(name);
  }

  /** The names inside a macro. Slots of inner macros are their own. */
  with(...names: readonly string[]): { readonly names: Names; readonly slots: readonly number[] } {
    const next = this.#slots.size === 0 ? 0 : Math.max(...this.#slots.values()) + 1;
    const slots = names.map((_, index) => next + index);
    return {
      names: new Names(this.isRoot, new Map([...this.#slots, ...names.map((name, index) => [name, next + index] as const)])),
      slots,
    };
  }
}
