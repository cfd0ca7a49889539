import type { Claim } from '../ports.ts';

/** From so many deaths on a job may be the cause, and not only one of those that its process held. */
const SUSPICIOUS_DEATHS = 2;

/**
 * Finds the job that kills its process among all that the process held: they all are found with as many deaths. Of those
 * only one runs at a time; the others are put back, which clears them, and so only the culprit's deaths keep counting.
 */
export class Suspects {
  #running: string | undefined;

  /** The most suspicious first. */
  static order(claims: readonly Claim[]): readonly Claim[] {
    return claims.some(({ deaths = 0 }) => deaths > 0) ? claims.toSorted((a, b) => (b.deaths ?? 0) - (a.deaths ?? 0)) : claims;
  }

  /** @returns whether the job may run now */
  enter(key: string, { deaths = 0 }: Claim): boolean {
    if (deaths < SUSPICIOUS_DEATHS) return true;
    if (this.#running !== undefined) return false;
    this.#running = key;
    return true;
  }

  leave(key: string): void {
    if (this.#running === key) this.#running = undefined;
  }
}
