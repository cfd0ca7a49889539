import { normalHost } from './permitted-hosts.ts';

const MOST_ADDRESSES = 10_000;
// Longer than libraries keep answers of name servers: nodemailer 5 minutes, others less.
const KEPT_MS = 3_600_000;

/**
 * Which names led to which addresses in this process. Some libraries resolve a name themselves and connect to the
 * address, so that the guard has to know what it stands for.
 */
export class KnownAddresses {
  readonly #names = new Map<string, Map<string, number>>();

  note(host: string, addresses: readonly string[]): void {
    const until = Date.now() + KEPT_MS;
    for (const address of addresses) {
      const key = normalHost(address);
      const names = this.#names.get(key) ?? new Map<string, number>();
      names.set(normalHost(host), until);
      this.#names.delete(key);
      this.#names.set(key, names);
    }
    for (const oldest of this.#names.keys()) {
      if (this.#names.size <= MOST_ADDRESSES) break;
      this.#names.delete(oldest);
    }
  }

  namesOf(address: string): readonly string[] {
    const now = Date.now();
    return [...(this.#names.get(normalHost(address)) ?? [])].filter(([, until]) => until > now).map(([name]) => name);
  }
}
