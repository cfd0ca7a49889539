import { shareOf } from '../decide/share.ts';

/** Draws so many of any number by chance, always the same ones of the same names, and holds no more than twice as many meanwhile. */
export class Draw<Item> {
  readonly #most: number;
  #drawn: { readonly share: number; readonly item: Item }[] = [];
  #below = 1;

  constructor(most: number) {
    this.#most = most;
  }

  add(name: string, item: Item): void {
    const share = shareOf('draw', name);
    if (share >= this.#below) return;
    this.#drawn.push({ share, item });
    if (this.#drawn.length > 2 * this.#most) this.#cut();
  }

  /** Those that are drawn, in the order in which they were added. */
  items(): readonly Item[] {
    if (this.#drawn.length > this.#most) this.#cut();
    return this.#drawn.map(({ item }) => item);
  }

  #cut(): void {
    const shares = this.#drawn.map(({ share }) => share).toSorted((left, right) => left - right);
    this.#below = shares[this.#most] ?? 1;
    this.#drawn = this.#drawn.filter(({ share }) => share < this.#below);
  }
}
