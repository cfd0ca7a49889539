import { TendrilError } from '@tendril/plugin-api';
import type {
  AnalyticsAnswers,
  AnalyticsBatch,
  AnalyticsDriver,
  AnalyticsEvent,
  AnalyticsFilter,
  AnalyticsInterval,
  AnalyticsQuestion,
  BreakdownQuestion,
  Call,
  CountQuestion,
  EventSelection,
  FunnelQuestion,
  MeasuredGroup,
  NamesQuestion,
  NumberQuestion,
  PagesQuestion,
  PathsQuestion,
  PersonLink,
  RetentionQuestion,
  Scalar,
  SessionFigures,
  SessionsQuestion,
  UniquesQuestion,
} from '@tendril/plugin-api';
import { compareScalars, labelOf, medianOf, periodsBetween } from './plain-measures.ts';

const GAP_MS = 30 * 60_000;

/** An event with whom it counts for. */
interface Happened extends AnalyticsEvent {
  readonly who: string | undefined;
}

/** An event of a session, by where it stands in it. */
interface InSession {
  readonly events: readonly Happened[];
  readonly index: number;
}

/**
 * A driver of `analytics` in memory that answers by walking through all events, in the plainest way there is: what other drivers are compared
 * with. For tests with some thousand events.
 */
export class NaiveAnalytics implements AnalyticsDriver {
  #events: AnalyticsEvent[] = [];
  #links: PersonLink[] = [];
  #position = 0;

  position(): Promise<number> {
    return Promise.resolve(this.#position);
  }

  append({ after, through, events, links, people = [] }: AnalyticsBatch): Promise<void> {
    if (after > this.#position) return Promise.reject(new TendrilError('CONFLICT', { position: this.#position, after }));
    if (through <= this.#position) return Promise.resolve();
    this.#events.push(...events.filter(({ position }) => position > this.#position));
    this.#links.push(...links.filter(({ position }) => position > this.#position));
    const now = new Map(people.map(({ position, person }) => [position, person]));
    this.#events = this.#events.map((event) => {
      const person = now.get(event.position);
      return person === undefined ? event : { ...event, person };
    });
    this.#position = through;
    return Promise.resolve();
  }

  positionsOf(people: readonly string[], after: number, limit: number): Promise<readonly number[]> {
    const found = this.#events.filter(({ person, position }) => person !== undefined && people.includes(person) && position > after);
    return Promise.resolve(found.map(({ position }) => position).slice(0, limit));
  }

  reset(): Promise<void> {
    this.#events = [];
    this.#links = [];
    this.#position = 0;
    return Promise.resolve();
  }

  ask<Question extends AnalyticsQuestion>(
    question: Question,
    call: Call,
  ): Promise<AnalyticsAnswers[Question['ask']] & { readonly position: number }> {
    const answer = this.#answer(question, call.tenant.timeZone) as AnalyticsAnswers[Question['ask']];
    return Promise.resolve({ ...answer, position: this.#position });
  }

  #answer(question: AnalyticsQuestion, zone: string): AnalyticsAnswers[keyof AnalyticsAnswers] {
    const events = this.#happened(question.includesTest === true);
    switch (question.ask) {
      case 'count':
      case 'number':
      case 'uniques':
        return measure(events, question, zone);
      case 'breakdown':
        return breakdown(events, question);
      case 'funnel':
        return funnel(events, question);
      case 'retention':
        return retention(events, question, zone);
      case 'paths':
        return paths(events, question);
      case 'sessions':
        return sessions(events, question, zone);
      case 'pages':
        return pages(events, question);
      case 'names':
        return names(events, this.#events, question);
    }
  }

  /** In the order in which it happened. */
  #happened(includesTest: boolean): readonly Happened[] {
    const targets = new Map<string, string>();
    for (const { from, into, isJoined } of this.#links) {
      targets.delete(from);
      if (!isJoined || from === into) continue;
      targets.set(from, into);
      if (targets.get(into) === from) targets.delete(into);
    }
    const root = (person: string): string => {
      const seen = new Set([person]);
      let current = person;
      for (let next = targets.get(current); next !== undefined && !seen.has(next); next = targets.get(current)) seen.add((current = next));
      return current;
    };
    return this.#events
      .filter(({ isTest }) => includesTest || !isTest)
      .map((event) => ({ ...event, who: event.person === undefined ? undefined : root(event.person) }))
      .toSorted((a, b) => a.occurredAt - b.occurredAt || a.position - b.position);
  }
}

function valueOf(event: AnalyticsEvent, property: string): Scalar | undefined {
  const words: Readonly<Record<string, Scalar | undefined>> = {
    $path: event.path,
    $referrer: event.referrer,
    $utm_source: event.utm?.source,
    $utm_medium: event.utm?.medium,
    $utm_campaign: event.utm?.campaign,
    $utm_term: event.utm?.term,
    $utm_content: event.utm?.content,
    $app: event.appId,
    $kind: event.kind,
  };
  return property in words ? words[property] : event.properties[property];
}

function meets(event: AnalyticsEvent, filter: AnalyticsFilter): boolean {
  const value = valueOf(event, filter.property);
  switch (filter.is) {
    case 'equals':
      return value === filter.value;
    case 'not_equals':
      return value !== filter.value;
    case 'in':
      return value !== undefined && filter.value.includes(value);
    case 'greater':
      return typeof value === 'number' && value > filter.value;
    case 'less':
      return typeof value === 'number' && value < filter.value;
    case 'contains':
      return typeof value === 'string' && value.includes(filter.value);
    case 'exists':
      return (value !== undefined) === (filter.value ?? true);
  }
}

/** What somebody did. */
function isDone({ kind }: AnalyticsEvent): boolean {
  return kind === 'track' || kind === 'page' || kind === 'screen';
}

function isMeant(event: AnalyticsEvent, { names: wanted, where = [] }: EventSelection): boolean {
  const isNamed = wanted === undefined ? isDone(event) : wanted.includes(event.name);
  return isNamed && where.every((filter) => meets(event, filter));
}

function isWithin(at: number, { from = -Infinity, to = Infinity }: { readonly from?: number; readonly to?: number }): boolean {
  return at >= from && at < to;
}

/** People's events in sessions; each event with its session. */
function inSessions(events: readonly Happened[], gapMs = GAP_MS): ReadonlyMap<Happened, InSession> {
  const found = new Map<Happened, InSession>();
  const people = Map.groupBy(
    events.filter((event) => event.who !== undefined && isDone(event)),
    ({ who }) => who,
  );
  for (const own of people.values()) {
    let session: Happened[] = [];
    for (const event of own) {
      const before = session.at(-1);
      if (before !== undefined && event.occurredAt - before.occurredAt >= gapMs) session = [];
      found.set(event, { events: session, index: session.length });
      session.push(event);
    }
  }
  return found;
}

function measure(
  events: readonly Happened[],
  question: CountQuestion | NumberQuestion | UniquesQuestion,
  zone: string,
): AnalyticsAnswers['count'] {
  const { by, per, limit = 10, timeZone = zone } = question;
  const bySession = inSessions(events);
  const counted = events.filter(
    (event) => isWithin(event.occurredAt, question) && isMeant(event, question.events) && counts(event, question, bySession),
  );
  const valueFor = (of: readonly Happened[]): { readonly value?: number } => {
    const value = measured(of, question, bySession);
    return value === undefined ? {} : { value };
  };
  const group = (of: readonly Happened[]): MeasuredGroup => ({
    ...valueFor(of),
    ...(per === undefined ? {} : { series: [...byLabel(of, per, timeZone, zone)].map(([at, part]) => ({ at, ...valueFor(part) })) }),
  });
  if (by === undefined) return { groups: [group(counted)], isCut: false };
  const groups = largestGroups(counted, by);
  return { groups: groups.slice(0, limit).map(([value, of]) => ({ group: value, ...group(of) })), isCut: groups.length > limit };
}

function counts(
  event: Happened,
  question: CountQuestion | NumberQuestion | UniquesQuestion,
  bySession: ReadonlyMap<Happened, InSession>,
): boolean {
  if (question.ask === 'count') return true;
  if (question.ask === 'number') return typeof valueOf(event, question.property) === 'number';
  if (question.of === 'people') return event.who !== undefined;
  return question.of === 'sessions' ? bySession.has(event) : valueOf(event, question.of.property) !== undefined;
}

function measured(
  events: readonly Happened[],
  question: CountQuestion | NumberQuestion | UniquesQuestion,
  bySession: ReadonlyMap<Happened, InSession>,
): number | undefined {
  if (question.ask === 'count') return events.length;
  if (question.ask === 'uniques') {
    const { of } = question;
    if (of === 'people') return new Set(events.map(({ who }) => who)).size;
    if (of === 'sessions') return new Set(events.map((event) => bySession.get(event)?.events)).size;
    return new Set(events.map((event) => valueOf(event, of.property))).size;
  }
  const values = events.map((event) => Number(valueOf(event, question.property)));
  if (values.length === 0) return undefined;
  if (question.take === 'minimum') return Math.min(...values);
  if (question.take === 'maximum') return Math.max(...values);
  const sum = values.reduce((total, value) => total + value, 0);
  return question.take === 'sum' ? sum : sum / values.length;
}

function byLabel(
  events: readonly Happened[],
  per: AnalyticsInterval,
  timeZone: string,
  zone: string,
): readonly (readonly [string, readonly Happened[]])[] {
  const isPerson = timeZone === 'person';
  const label = (event: Happened): string => labelOf(per, isPerson ? (event.timeZone ?? zone) : timeZone, event.occurredAt, !isPerson);
  const groups = [...Map.groupBy(events, label)];
  // Each clock for itself: labels are in order. One clock: by time, for the two hours of an autumn night.
  return isPerson ? groups.toSorted(([a], [b]) => (a < b ? -1 : 1)) : groups;
}

function largestGroups(events: readonly Happened[], property: string): readonly (readonly [Scalar | null, readonly Happened[]])[] {
  return [...Map.groupBy(events, (event) => valueOf(event, property) ?? null)].toSorted(
    ([a, first], [b, second]) => second.length - first.length || compareScalars(a, b),
  );
}

function breakdown(events: readonly Happened[], question: BreakdownQuestion): AnalyticsAnswers['breakdown'] {
  const { limit = 10, property } = question;
  const groups = largestGroups(
    events.filter((event) => isWithin(event.occurredAt, question) && isMeant(event, question.events)),
    property,
  );
  const values = groups.map(([value, of]) => ({
    value,
    events: of.length,
    people: new Set(of.flatMap(({ who }) => who ?? [])).size,
  }));
  return { values: values.slice(0, limit), isCut: values.length > limit };
}

/** Every attempt from every first step, greedily: the next event that can be the next step is. */
function funnel(events: readonly Happened[], question: FunnelQuestion): AnalyticsAnswers['funnel'] {
  const { steps, windowMs, by, limit = 10 } = question;
  const people = Map.groupBy(
    events.filter(({ who }) => who !== undefined),
    ({ who }) => who,
  );
  const best: { readonly times: readonly number[]; readonly group: Scalar | null }[] = [];
  for (const own of people.values()) {
    let found: { readonly times: readonly number[]; readonly group: Scalar | null; readonly endedAt: number } | undefined;
    for (const [start, first] of own.entries()) {
      if (!isWithin(first.occurredAt, question) || !isMeant(first, steps[0] ?? {})) continue;
      const times = [first.occurredAt];
      let endedAt = start;
      for (const [i, event] of own.entries()) {
        const step = steps[times.length];
        if (i <= endedAt || step === undefined || event.occurredAt - first.occurredAt > windowMs || !isMeant(event, step)) continue;
        times.push(event.occurredAt);
        endedAt = i;
      }
      const isFarther = found === undefined || times.length > found.times.length;
      // Of those that come equally far the one that arrives first; of those that arrive together the one that began last.
      const isEarlier = found !== undefined && times.length === found.times.length && times.length > 1 && endedAt <= found.endedAt;
      if (isFarther || isEarlier) found = { times, group: by === undefined ? null : (valueOf(first, by) ?? null), endedAt };
    }
    if (found !== undefined) best.push(found);
  }
  const groups = [...Map.groupBy(best, ({ group }) => group)].toSorted(
    ([a, first], [b, second]) => second.length - first.length || compareScalars(a, b),
  );
  const stepsOf = (of: readonly { readonly times: readonly number[] }[]): AnalyticsAnswers['funnel']['groups'][number]['steps'] =>
    steps.map((_, step) => {
      const reached = of.filter(({ times }) => times.length > step);
      const before = of.filter(({ times }) => times.length >= step);
      const medianMs = step === 0 ? undefined : medianOf(reached.map(({ times }) => (times[step] ?? 0) - (times[step - 1] ?? 0)));
      return {
        people: reached.length,
        ofFirstRatio: of.length === 0 ? 0 : reached.length / of.length,
        ofPreviousRatio: before.length === 0 ? 0 : reached.length / before.length,
        ...(medianMs === undefined ? {} : { medianMs }),
      };
    });
  if (by === undefined) return { groups: [{ steps: stepsOf(best) }], isCut: false };
  return { groups: groups.slice(0, limit).map(([group, of]) => ({ group, steps: stepsOf(of) })), isCut: groups.length > limit };
}

function retention(events: readonly Happened[], question: RetentionQuestion, zone: string): AnalyticsAnswers['retention'] {
  const { per, periods, first, back, timeZone = zone } = question;
  const people = Map.groupBy(
    events.filter(({ who }) => who !== undefined),
    ({ who }) => who,
  );
  const cohorts = new Map<string, { people: number; readonly back: number[] }>();
  for (const own of people.values()) {
    const began = own.find((event) => isMeant(event, first))?.occurredAt;
    if (began === undefined || !isWithin(began, question)) continue;
    const at = labelOf(per, timeZone, began, true);
    const cohort = cohorts.get(at) ?? { people: 0, back: new Array<number>(periods).fill(0) };
    cohorts.set(at, cohort);
    cohort.people += 1;
    const came = own.filter((event) => event.occurredAt >= began && isMeant(event, back));
    for (const period of new Set(came.map(({ occurredAt }) => periodsBetween(per, at, labelOf(per, timeZone, occurredAt, true)))))
      if (period < periods) cohort.back[period] = (cohort.back[period] ?? 0) + 1;
  }
  return { cohorts: [...cohorts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([at, cohort]) => ({ at, ...cohort })) };
}

function paths(events: readonly Happened[], question: PathsQuestion): AnalyticsAnswers['paths'] {
  const { around, depth, direction, limit = 20, sessionGapMs } = question;
  const found = new Map<string, { readonly names: readonly string[]; occurrences: number }>();
  let occurrences = 0;
  for (const [event, { events: session, index }] of inSessions(events, sessionGapMs)) {
    if (!isWithin(event.occurredAt, question) || !isMeant(event, around)) continue;
    occurrences += 1;
    const part = direction === 'after' ? session.slice(index + 1, index + 1 + depth) : session.slice(Math.max(0, index - depth), index);
    const own = part.map(({ name }) => name);
    const key = own.join('\0');
    const path = found.get(key) ?? { names: own, occurrences: 0 };
    found.set(key, path);
    path.occurrences += 1;
  }
  const sorted = [...found].toSorted(([a, first], [b, second]) => second.occurrences - first.occurrences || (a < b ? -1 : 1));
  return { occurrences, paths: sorted.slice(0, limit).map(([, path]) => path), isCut: sorted.length > limit };
}

function sessions(events: readonly Happened[], question: SessionsQuestion, zone: string): AnalyticsAnswers['sessions'] {
  const { per, sessionGapMs, timeZone = zone } = question;
  const all = [...new Set([...inSessions(events, sessionGapMs).values()].map(({ events: session }) => session))].filter(
    ([first]) => first !== undefined && isWithin(first.occurredAt, question),
  );
  const beganAt = (session: readonly Happened[]): number => session[0]?.occurredAt ?? 0;
  const series = Map.groupBy(
    all.toSorted((a, b) => beganAt(a) - beganAt(b)),
    (session) => labelOf(per ?? 'day', timeZone, beganAt(session), true),
  );
  return { ...figuresOf(all), ...(per === undefined ? {} : { series: [...series].map(([at, of]) => ({ at, ...figuresOf(of) })) }) };
}

function figuresOf(all: readonly (readonly Happened[])[]): SessionFigures {
  const durations = all.map((session) => (session.at(-1)?.occurredAt ?? 0) - (session[0]?.occurredAt ?? 0));
  return {
    sessions: all.length,
    people: new Set(all.map(([first]) => first?.who)).size,
    events: all.reduce((sum, { length }) => sum + length, 0),
    averageDurationMs: all.length === 0 ? 0 : durations.reduce((sum, duration) => sum + duration, 0) / all.length,
    medianDurationMs: medianOf(durations) ?? 0,
    bounceRatio: all.length === 0 ? 0 : all.filter(({ length }) => length === 1).length / all.length,
  };
}

function pages(events: readonly Happened[], question: PagesQuestion): AnalyticsAnswers['pages'] {
  const { where = [], limit = 20, sessionGapMs } = question;
  const views = [...inSessions(events, sessionGapMs)].filter(
    ([event]) =>
      event.kind === 'page' &&
      event.path !== undefined &&
      isWithin(event.occurredAt, question) &&
      where.every((filter) => meets(event, filter)),
  );
  const found = [...Map.groupBy(views, ([event]) => event.path ?? '')].map(([path, of]) => {
    const stays = of.flatMap(([event, { events: session, index }]) => {
      const next = session[index + 1];
      return next === undefined ? [] : [next.occurredAt - event.occurredAt];
    });
    const medianMs = medianOf(stays);
    return {
      path,
      views: of.length,
      people: new Set(of.map(([{ who }]) => who)).size,
      ...(medianMs === undefined ? {} : { medianMs }),
    };
  });
  const sorted = found.toSorted((a, b) => b.views - a.views || compareScalars(a.path, b.path));
  return { pages: sorted.slice(0, limit), isCut: sorted.length > limit };
}

function names(
  events: readonly Happened[],
  all: readonly AnalyticsEvent[],
  { startsWith = '', limit = 100 }: NamesQuestion,
): AnalyticsAnswers['names'] {
  const found = [...Map.groupBy(events, ({ name }) => name)]
    .filter(([name]) => name.startsWith(startsWith))
    .map(([name, of]) => ({
      name,
      events: of.length,
      firstAt: Math.min(...of.map(({ occurredAt }) => occurredAt)),
      lastAt: Math.max(...of.map(({ occurredAt }) => occurredAt)),
      properties: propertiesOf(all.filter((event) => event.name === name)),
    }))
    .toSorted((a, b) => b.events - a.events || compareScalars(a.name, b.name));
  return { names: found.slice(0, limit), isCut: found.length > limit };
}

function propertiesOf(events: readonly AnalyticsEvent[]): AnalyticsAnswers['names']['names'][number]['properties'] {
  const found = new Map<string, { readonly name: string; readonly type: 'number' | 'text' | 'boolean' }>();
  for (const { properties } of events)
    for (const [name, value] of Object.entries(properties)) {
      const type = typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : 'boolean';
      found.set(`${name}\0${type}`, { name, type });
    }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, property]) => property);
}
