import type { LoggedEvent } from '@tendril/plugin-api';
import { ENVIRONMENTS } from '../../environments.ts';
import type { EnvironmentName } from '../../environments.ts';
import type { Deployed } from '../deployments.ts';
import { Conditions } from './condition.ts';
import type { Condition } from './condition.ts';

/** One pipeline that events of a name may start. */
export interface Listening {
  readonly deployed: Deployed;
  /** Parts of its condition that need no profile; those first that are told cheaply. */
  readonly onEvent: readonly Condition[];
  readonly onProfile: readonly Condition[];
}

/** Pipelines that listen to one name in one environment, those first that are told apart by a property. */
export class Listeners {
  readonly #all: readonly Listening[];
  readonly #rest: readonly Listening[];
  readonly #byProperty = new Map<string, Map<string, Listening[]>>();

  constructor(all: readonly Listening[]) {
    this.#all = all;
    const rest: Listening[] = [];
    for (const listening of all) {
      const [property, text] = discriminatorOf(listening) ?? [];
      if (property === undefined || text === undefined) rest.push(listening);
      else this.#add(property, text, listening);
    }
    this.#rest = rest;
  }

  #add(property: string, text: string, listening: Listening): void {
    const byText = this.#byProperty.get(property) ?? new Map<string, Listening[]>();
    this.#byProperty.set(property, byText);
    const found = byText.get(text);
    if (found === undefined) byText.set(text, [listening]);
    else found.push(listening);
  }

  get all(): readonly Listening[] {
    return this.#all;
  }

  /** Leaves out those that another value of a property rules out. Missing properties rule out nothing: they are faults. */
  for({ properties }: LoggedEvent): readonly Listening[] {
    if (this.#byProperty.size === 0) return this.#rest;
    const found = [...this.#rest];
    for (const [property, byText] of this.#byProperty) {
      const value = Object.hasOwn(properties, property) ? properties[property] : undefined;
      if (typeof value === 'string') found.push(...(byText.get(value) ?? []));
      else for (const listening of byText.values()) found.push(...listening);
    }
    return found;
  }
}

function discriminatorOf({ deployed, onEvent }: Listening): readonly [string, string] | undefined {
  const { segment } = deployed.compiled.trigger;
  if (segment !== undefined) return [SEGMENT_PROPERTY, segment];
  for (const { equality } of onEvent) {
    const [kind, property, ...deeper] = equality?.path ?? [];
    if (equality !== undefined && kind === 'properties' && property !== undefined && deeper.length === 0) return [property, equality.text];
  }
  return undefined;
}

/** Where the hub says which segment a person has entered or left. */
export const SEGMENT_PROPERTY = 'segment';

/** Which pipelines listen to which events where. */
export type TriggerIndex = ReadonlyMap<string, ReadonlyMap<EnvironmentName, Listeners>>;

/**
 * Arranges what is in force. A pipeline that an environment does not have is taken from production; one that is paused
 * there is not.
 *
 * @param byEvent unpaused pipelines by the event that starts them
 * @param all everything in force, paused or not
 */
export function indexTriggers(byEvent: ReadonlyMap<string, readonly Deployed[]>, all: readonly Deployed[]): TriggerIndex {
  const conditions = new Conditions();
  const places = new Set(all.map(({ record }) => `${record.environment}/${record.id}`));
  return new Map(
    [...byEvent].map(([name, pipelines]) => {
      const listening = pipelines.map((deployed) => listen(conditions, deployed));
      const inside = (environment: EnvironmentName): Listeners =>
        new Listeners(
          listening.filter(({ deployed: { record } }) => {
            if (record.environment === environment) return true;
            return record.environment === 'production' && !places.has(`${environment}/${record.id}`);
          }),
        );
      return [name, new Map(ENVIRONMENTS.map((environment) => [environment, inside(environment)]))] as const;
    }),
  );
}

function listen(conditions: Conditions, deployed: Deployed): Listening {
  const { where } = deployed.compiled.trigger;
  const parts = where === undefined ? [] : conditions.partsOf(where, deployed.settings);
  const onEvent = parts.filter(({ readsProfile }) => !readsProfile);
  const cheapFirst = [...onEvent.filter(({ equality }) => equality), ...onEvent.filter(({ equality }) => !equality)];
  return { deployed, onEvent: cheapFirst, onProfile: parts.filter(({ readsProfile }) => readsProfile) };
}
