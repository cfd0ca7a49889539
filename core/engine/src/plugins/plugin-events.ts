import { TendrilError } from '@tendril/plugin-api';
import type { EventReader, LoggedEvent, Page } from '@tendril/plugin-api';
import { decodeEvent } from '../events/index.ts';
import { outside } from './broker/egress-scope.ts';
import type { RunningCall } from './running-call.ts';

const LIMIT = 100;
const MOST = 1_000;
// Events that may not be read are passed over; this bounds how many.
const MOST_PAGES = 10;

/** `call.events`: the log of one tenant, through the plugin's permission. */
export class PluginEvents implements EventReader {
  readonly #call: RunningCall;

  constructor(call: RunningCall) {
    this.#call = call;
  }

  async ofPerson(
    identities: readonly string[],
    options: { readonly limit?: number; readonly cursor?: string } = {},
  ): Promise<Page<LoggedEvent>> {
    this.#call.assertAlive();
    const { plugin, tenant } = this.#call.run;
    if (plugin.manifest.permissions?.events?.read === undefined) throw this.#call.refused('events', 'read');
    const limit = checked(options.limit ?? LIMIT, 1, MOST, 'limit');
    let before = options.cursor === undefined ? undefined : checked(Number(options.cursor), 1, Number.MAX_SAFE_INTEGER, 'cursor');
    const items: LoggedEvent[] = [];
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const wanted = limit - items.length;
      const from = before;
      const stored = await outside(() => tenant.log.readPerson(identities, wanted, from));
      items.push(...stored.map(decodeEvent).filter((event) => plugin.mayRead(event.name)));
      const last = stored.at(-1);
      if (last === undefined || stored.length < wanted) return { items };
      before = last.position;
      if (items.length >= limit) break;
    }
    return { items, nextCursor: String(before) };
  }
}

function checked(value: number, least: number, most: number, field: string): number {
  if (!Number.isInteger(value) || value < least || value > most) throw new TendrilError('INPUT_INVALID', { field, least, most });
  return value;
}
