import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject, LoggedEvent } from '@tendril/plugin-api';
import type { Change, TenantState } from '../../ports.ts';
import { queryAll } from '../../tenants/index.ts';
import { CONTROLS, CURSORS, SET_ASIDE } from '../tables.ts';

/** How far a consumer has come, with the version that its next move must find. */
export interface Cursor {
  readonly position: number;
  readonly version: number;
  /** Up to here it is rebuilt: what it emits has been emitted before. */
  readonly quietUpTo: number;
}

/** What was asked of a consumer. */
export interface Control {
  readonly consumer: string;
  readonly isPaused: boolean;
  /** Counts the retries asked for and answered. */
  readonly retriesAsked: number;
  readonly retriesAnswered: number;
  /** Counts the rebuilds asked for and begun. */
  readonly rebuildsAsked: number;
  readonly rebuildsBegun: number;
  readonly done: number;
  readonly left: number;
}

/** An event that a consumer could not handle or that waits behind one. */
export interface SetAsideRecord {
  readonly id: string;
  readonly consumer: string;
  readonly position: number;
  readonly code: string;
  readonly message: string;
  readonly at: number;
  /** It failed not itself: an earlier event of the same person did. */
  readonly isBlocked: boolean;
  /** By whom later events of the same person are recognised. */
  readonly people: readonly string[];
}

/** The durable state of one consumer of one tenant. */
export class ConsumerState {
  readonly #state: TenantState;
  readonly #consumer: string;

  constructor(state: TenantState, consumer: string) {
    this.#state = state;
    this.#consumer = consumer;
  }

  async cursor(): Promise<Cursor> {
    const [row] = await this.#state.get(CURSORS, [this.#consumer]);
    if (row === undefined) return { position: 0, version: 0, quietUpTo: 0 };
    return { position: Number(row.value['position']), version: row.version, quietUpTo: Number(row.value['quietUpTo'] ?? 0) };
  }

  /** @param to where it stands from now on */
  moveCursor(to: Omit<Cursor, 'version'>, expect: number, movedAt: number): Change {
    const { position, quietUpTo } = to;
    const value = { consumer: this.#consumer, position, movedAt, ...(quietUpTo > 0 && { quietUpTo }) };
    return { op: 'put', table: CURSORS, value, expect };
  }

  async control(): Promise<Control> {
    return (await this.#readControl()).control;
  }

  async #readControl(): Promise<{ readonly control: Control; readonly version: number }> {
    const [row] = await this.#state.get(CONTROLS, [this.#consumer]);
    const none: Control = {
      consumer: this.#consumer,
      isPaused: false,
      retriesAsked: 0,
      retriesAnswered: 0,
      rebuildsAsked: 0,
      rebuildsBegun: 0,
      done: 0,
      left: 0,
    };
    if (row === undefined) return { control: none, version: 0 };
    return { control: { ...none, ...(row.value as unknown as Control) }, version: row.version };
  }

  async updateControl(change: (control: Control) => Control): Promise<Control> {
    for (;;) {
      const { control, version } = await this.#readControl();
      const next = change(control);
      const result = await this.#state.commit([{ op: 'put', table: CONTROLS, value: { ...next }, expect: version }]);
      if (result.ok) return next;
    }
  }

  /** What says that all rebuilds that were asked for have begun; refused if more is asked meanwhile. */
  async answerRebuild(): Promise<Change> {
    const { control, version } = await this.#readControl();
    return { op: 'put', table: CONTROLS, value: { ...control, rebuildsBegun: control.rebuildsAsked }, expect: version };
  }

  /** In position order. */
  async setAside(): Promise<readonly SetAsideRecord[]> {
    const rows = await queryAll(this.#state, SET_ASIDE, { index: 'byConsumer', equals: { consumer: this.#consumer } });
    return rows.map((row) => row.value as unknown as SetAsideRecord);
  }

  async countSetAside(): Promise<number> {
    const [all] = await this.#state.aggregate(SET_ASIDE, { index: 'byConsumer', equals: { consumer: this.#consumer } });
    return all?.count ?? 0;
  }

  putAside(event: LoggedEvent, at: number, cause: { readonly error: unknown } | 'blocked'): Change {
    const record: SetAsideRecord = {
      id: this.#asideId(event.position),
      consumer: this.#consumer,
      position: event.position,
      ...(cause === 'blocked'
        ? { code: 'CONFLICT', message: 'An earlier event of the same person was set aside.' }
        : describe(cause.error)),
      at,
      isBlocked: cause === 'blocked',
      people: peopleOf(event),
    };
    return { op: 'put', table: SET_ASIDE, value: record as unknown as JsonObject };
  }

  takeBack(position: number): Change {
    return { op: 'delete', table: SET_ASIDE, key: this.#asideId(position) };
  }

  #asideId(position: number): string {
    return `${this.#consumer}/${position}`;
  }
}

/** Everything by which two events can be told to be of the same person. */
export function peopleOf({ profileId, identities: { userId, anonymousId, previousId } }: LoggedEvent): readonly string[] {
  const people: string[] = [];
  if (profileId !== undefined) people.push(`profile:${profileId}`);
  if (userId !== undefined) people.push(`userId:${userId}`);
  if (anonymousId !== undefined) people.push(`anonymousId:${anonymousId}`);
  if (previousId !== undefined) people.push(`userId:${previousId}`, `anonymousId:${previousId}`);
  return people;
}

function describe(error: unknown): { readonly code: string; readonly message: string } {
  if (TendrilError.is(error)) return { code: error.code, message: error.message };
  return {
    code: 'INTERNAL',
    message: error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 500) : 'Something was thrown that is no error.',
  };
}
