import type { JsonObject, LoggedEvent } from '@tendril/plugin-api';
import type { EnvironmentName } from '../../environments.ts';
import type { Deployed } from '../deployments.ts';
import { EMPTY_SCOPE } from '../../expressions/index.ts';
import type { EvaluationFault, Scope } from '../../expressions/index.ts';
import { pinEvent } from '../runs/records.ts';
import type { PinnedEvent } from '../runs/records.ts';
import { eventView, NO_PROFILE } from '../runs/run-scope.ts';
import type { Condition, Verdict } from './condition.ts';
import { ruledOut } from './judge.ts';
import type { Listening, TriggerIndex } from './trigger-index.ts';

/** An event that meets the trigger of a pipeline. */
export interface Match {
  readonly event: LoggedEvent;
  readonly pinned: PinnedEvent;
  readonly environment: EnvironmentName;
  readonly deployed: Deployed;
  /** Only when the pipeline reads it. */
  readonly profile: JsonObject | undefined;
}

/** What matching needs. */
export interface MatchOptions {
  readonly index: TriggerIndex;
  readonly now: number;
  /** Profiles by their ids. */
  readonly readProfiles: (ids: readonly string[], isTest: boolean) => Promise<ReadonlyMap<string, JsonObject>>;
  /** Hears of conditions that could not be evaluated. */
  readonly failed: (deployed: Deployed, event: LoggedEvent, fault: EvaluationFault) => void;
}

/**
 * Finds what events start. Each condition is evaluated once for an event, however many pipelines have it; profiles are
 * read all at once, and only for what the event alone has not ruled out.
 *
 * @param environments of the events, in their order
 */
export async function matchTriggers(
  events: readonly LoggedEvent[],
  environments: readonly EnvironmentName[],
  options: MatchOptions,
): Promise<readonly Match[]> {
  const candidates = events.flatMap((event, at) => candidatesOf(event, environments[at] ?? 'production', options));
  const profiles = await profilesOf(candidates, options);
  return candidates.flatMap(({ view, listening }): readonly Match[] => {
    const { deployed, onProfile } = listening;
    const { event, environment, pinned } = view;
    const profile = readsProfile(listening) ? (profiles.get(profileKey(event)) ?? NO_PROFILE) : undefined;
    if (profile !== undefined && !view.meets(onProfile, listening, options, profile)) return [];
    return [{ event, pinned, environment, deployed, profile: deployed.compiled.readsProfile ? profile : undefined }];
  });
}

interface CandidatePair {
  readonly view: EventUnderTest;
  readonly listening: Listening;
}

function candidatesOf(event: LoggedEvent, environment: EnvironmentName, options: MatchOptions): readonly CandidatePair[] {
  const listeners = options.index.get(event.name)?.get(environment);
  if (listeners === undefined) return [];
  const view = new EventUnderTest(event, environment);
  return listeners
    .for(event)
    .filter(
      (listening) =>
        ruledOut(event, listening.deployed.compiled, options.now) === undefined && view.meets(listening.onEvent, listening, options),
    )
    .map((listening) => ({ view, listening }));
}

function readsProfile({ onProfile, deployed }: Listening): boolean {
  return onProfile.length > 0 || deployed.compiled.readsProfile;
}

async function profilesOf(candidates: readonly CandidatePair[], options: MatchOptions): Promise<ReadonlyMap<string, JsonObject>> {
  const found = new Map<string, JsonObject>();
  for (const isTest of [false, true]) {
    const ids = new Set<string>();
    for (const { view, listening } of candidates) {
      const { profileId, isTest: isOfTest } = view.event;
      if (profileId !== undefined && isOfTest === isTest && readsProfile(listening)) ids.add(profileId);
    }
    if (ids.size === 0) continue;
    for (const [id, profile] of await options.readProfiles([...ids], isTest)) found.set(`${String(isTest)}/${id}`, profile);
  }
  return found;
}

function profileKey({ isTest, profileId }: LoggedEvent): string {
  return profileId === undefined ? '' : `${String(isTest)}/${profileId}`;
}

/** One event with what conditions have come to for it. */
class EventUnderTest {
  readonly event: LoggedEvent;
  readonly environment: EnvironmentName;
  readonly pinned: PinnedEvent;
  readonly #verdicts = new Map<Condition, Verdict>();
  #scope: Scope;

  constructor(event: LoggedEvent, environment: EnvironmentName) {
    this.event = event;
    this.environment = environment;
    this.pinned = pinEvent(event);
    this.#scope = { ...EMPTY_SCOPE, event: eventView(this.pinned), profile: NO_PROFILE };
  }

  meets(conditions: readonly Condition[], { deployed }: Listening, options: MatchOptions, profile?: JsonObject): boolean {
    if (profile !== undefined && this.#scope.profile !== profile) this.#scope = { ...this.#scope, profile };
    let fault: EvaluationFault | undefined;
    for (const condition of conditions) {
      const verdict = this.#verdictOf(condition, deployed);
      if (verdict === false) return false;
      if (verdict !== true) fault ??= verdict;
    }
    if (fault === undefined) return true;
    options.failed(deployed, this.event, fault);
    return false;
  }

  #verdictOf(condition: Condition, { settings }: Deployed): Verdict {
    const known = this.#verdicts.get(condition);
    if (known !== undefined) return known;
    const verdict = condition.verdict(condition.readsSettings ? { ...this.#scope, settings } : this.#scope);
    this.#verdicts.set(condition, verdict);
    return verdict;
  }
}
