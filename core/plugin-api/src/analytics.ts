import type { EventKind } from './event.ts';

/** A value that the columnar copy keeps. */
export type Scalar = string | number | boolean;

/**
 * A property of events, or one of the words that every event has: `$path`, `$referrer`, `$utm_source`, `$utm_medium`,
 * `$utm_campaign`, `$utm_term`, `$utm_content`, `$app`, `$kind`.
 */
export type AnalyticsProperty = string;

/**
 * What an event has to be. A number is compared with numbers only, a text with texts only. An event without the property
 * meets `not_equals`, and `exists` with the value false, and nothing else.
 */
export type AnalyticsFilter =
  | { readonly property: AnalyticsProperty; readonly is: 'equals' | 'not_equals'; readonly value: Scalar }
  | { readonly property: AnalyticsProperty; readonly is: 'in'; readonly value: readonly Scalar[] }
  | { readonly property: AnalyticsProperty; readonly is: 'greater' | 'less'; readonly value: number }
  | { readonly property: AnalyticsProperty; readonly is: 'contains'; readonly value: string }
  | { readonly property: AnalyticsProperty; readonly is: 'exists'; readonly value?: boolean };

/** Which events are meant. */
export interface EventSelection {
  /** Any of them, at most 50; everything that people did without it (kinds `track`, `page` and `screen`): the rest is asked for by name. */
  readonly names?: readonly string[];
  /** All have to hold; at most 20. */
  readonly where?: readonly AnalyticsFilter[];
}

/** A stretch of time, in calendar units. Weeks begin on Monday. */
export type AnalyticsInterval = 'hour' | 'day' | 'week' | 'month';

/** What all questions about a stretch of time share. */
export interface AnalyticsScope {
  /** Epoch milliseconds, inclusive, by when it happened. */
  readonly from?: number;
  /** Epoch milliseconds, exclusive. */
  readonly to?: number;
  /** In whose calendar: an IANA name, or `person` for the one that the event itself came with (`context.timezone`). The tenant's unless told. */
  readonly timeZone?: string;
  /** Events of test apps too. */
  readonly includesTest?: boolean;
}

/** Splits the answer. */
export interface AnalyticsSplit {
  /** A series beside the whole. */
  readonly per?: AnalyticsInterval;
  /** By the values of a property: the most frequent ones. */
  readonly by?: AnalyticsProperty;
  /** How many values of `by`, from 1 to 1,000; 10 unless told. */
  readonly limit?: number;
}

/** How many events. */
export interface CountQuestion extends AnalyticsScope, AnalyticsSplit {
  readonly ask: 'count';
  readonly events: EventSelection;
}

/** What the numbers of a property come to; events without one are passed over. */
export interface NumberQuestion extends AnalyticsScope, AnalyticsSplit {
  readonly ask: 'number';
  readonly events: EventSelection;
  readonly property: AnalyticsProperty;
  readonly take: 'sum' | 'average' | 'minimum' | 'maximum';
}

/** How many different people, sessions or values of a property. */
export interface UniquesQuestion extends AnalyticsScope, AnalyticsSplit {
  readonly ask: 'uniques';
  readonly events: EventSelection;
  readonly of: 'people' | 'sessions' | { readonly property: AnalyticsProperty };
}

/** The most frequent values of a property, with events and people. */
export interface BreakdownQuestion extends AnalyticsScope {
  readonly ask: 'breakdown';
  readonly events: EventSelection;
  readonly property: AnalyticsProperty;
  /** From 1 to 1,000; 10 unless told. */
  readonly limit?: number;
}

/**
 * How many people go how far through steps, one after another. The first step lies within the range; the last has to follow within
 * the window from the first. Of a person's attempts the one that comes farthest counts, the earliest of those.
 */
export interface FunnelQuestion extends AnalyticsScope {
  readonly ask: 'funnel';
  /** From 2 to 10. */
  readonly steps: readonly EventSelection[];
  /** Milliseconds from the first step, at most 366 days. */
  readonly windowMs: number;
  /** A property of the event of the first step. */
  readonly by?: AnalyticsProperty;
  /** How many values of `by`, from 1 to 1,000; 10 unless told. */
  readonly limit?: number;
}

/** Who comes back: people by the period of their first event ever, where it lies within the range. */
export interface RetentionQuestion extends AnalyticsScope {
  readonly ask: 'retention';
  readonly first: EventSelection;
  /** What counts as coming back, from the moment of the first event on. */
  readonly back: EventSelection;
  readonly per: 'day' | 'week' | 'month';
  /** How many, from 1 to 60, the one of the first event among them. */
  readonly periods: number;
}

/** What people do next, or did before, within the same session. */
export interface PathsQuestion extends AnalyticsScope {
  readonly ask: 'paths';
  readonly around: EventSelection;
  readonly direction: 'after' | 'before';
  /** From 1 to 5 steps. */
  readonly depth: number;
  /** From 1 to 1,000; 20 unless told. */
  readonly limit?: number;
  readonly sessionGapMs?: number;
}

/** Sessions: what a person does until 30 minutes pass in which nothing happens. Counted by where they begin. */
export interface SessionsQuestion extends AnalyticsScope {
  readonly ask: 'sessions';
  readonly per?: AnalyticsInterval;
  /** The silence that ends a session, in milliseconds, from 1 minute to 1 day; 30 minutes unless told. */
  readonly sessionGapMs?: number;
}

/** Views of pages (events of the kind `page`), and how long people stay on them: until their next event in the session. */
export interface PagesQuestion extends AnalyticsScope {
  readonly ask: 'pages';
  readonly where?: readonly AnalyticsFilter[];
  /** From 1 to 1,000; 20 unless told. */
  readonly limit?: number;
  readonly sessionGapMs?: number;
}

/** Names of events with what they carry, for choosing among them. */
export interface NamesQuestion {
  readonly ask: 'names';
  readonly startsWith?: string;
  /** From 1 to 1,000; 100 unless told. */
  readonly limit?: number;
  readonly includesTest?: boolean;
}

/** Everything that can be asked. */
export type AnalyticsQuestion =
  | CountQuestion
  | NumberQuestion
  | UniquesQuestion
  | BreakdownQuestion
  | FunnelQuestion
  | RetentionQuestion
  | PathsQuestion
  | SessionsQuestion
  | PagesQuestion
  | NamesQuestion;

/** A value of one interval. `at` is its beginning on the clock of the time zone: `2026-03-29`, hours as `2026-03-29T14:00`, with the offset behind it unless it is each person's own clock. */
export interface SeriesPoint {
  readonly at: string;
  /** Missing where no event had a number. */
  readonly value?: number;
}

/** One value of `by`, or the whole. */
export interface MeasuredGroup {
  /** Missing for the whole; null for events without the property. */
  readonly group?: Scalar | null;
  /** Missing where no event had a number. */
  readonly value?: number;
  /** In order; intervals in which nothing happened are left out. Only with `per`. */
  readonly series?: readonly SeriesPoint[];
}

/** Answer of `count`, `number` and `uniques`. */
export interface MeasuredAnswer {
  /** One for the whole, or those of `by`: the ones with the most events first. */
  readonly groups: readonly MeasuredGroup[];
  /** There are more values than were asked for. */
  readonly isCut: boolean;
}

/** Answer of `breakdown`. */
export interface BreakdownAnswer {
  readonly values: readonly { readonly value: Scalar | null; readonly events: number; readonly people: number }[];
  readonly isCut: boolean;
}

/** One step of a funnel. */
export interface FunnelStep {
  readonly people: number;
  /** Of those who took the first step; 0 to 1. */
  readonly ofFirstRatio: number;
  /** Of those who took the step before; 0 to 1. */
  readonly ofPreviousRatio: number;
  /** From the step before, of those who took it; missing for the first and where nobody did. */
  readonly medianMs?: number;
}

/** Answer of `funnel`. */
export interface FunnelAnswer {
  readonly groups: readonly { readonly group?: Scalar | null; readonly steps: readonly FunnelStep[] }[];
  readonly isCut: boolean;
}

/** Answer of `retention`: `back[n]` came back in the n-th period after that of their first event, which is `back[0]`. */
export interface RetentionAnswer {
  readonly cohorts: readonly { readonly at: string; readonly people: number; readonly back: readonly number[] }[];
}

/** Answer of `paths`: names in the order in which they happened, without the event itself; fewer than asked for where the session ends. */
export interface PathsAnswer {
  readonly occurrences: number;
  readonly paths: readonly { readonly names: readonly string[]; readonly occurrences: number }[];
  readonly isCut: boolean;
}

/** Figures of sessions. */
export interface SessionFigures {
  readonly sessions: number;
  readonly people: number;
  readonly events: number;
  /** From the first to the last event. */
  readonly averageDurationMs: number;
  readonly medianDurationMs: number;
  /** Those with a single event; 0 to 1. */
  readonly bounceRatio: number;
}

/** Answer of `sessions`. */
export interface SessionsAnswer extends SessionFigures {
  readonly series?: readonly (SessionFigures & { readonly at: string })[];
}

/** Answer of `pages`. */
export interface PagesAnswer {
  readonly pages: readonly { readonly path: string; readonly views: number; readonly people: number; readonly medianMs?: number }[];
  readonly isCut: boolean;
}

/** Answer of `names`. */
export interface NamesAnswer {
  readonly names: readonly {
    readonly name: string;
    readonly events: number;
    /** Epoch milliseconds. */
    readonly firstAt: number;
    /** Epoch milliseconds. */
    readonly lastAt: number;
    /** Of test apps too. */
    readonly properties: readonly { readonly name: string; readonly type: 'number' | 'text' | 'boolean' }[];
  }[];
  readonly isCut: boolean;
}

/** The answer to each kind of question. */
export interface AnalyticsAnswers {
  readonly count: MeasuredAnswer;
  readonly number: MeasuredAnswer;
  readonly uniques: MeasuredAnswer;
  readonly breakdown: BreakdownAnswer;
  readonly funnel: FunnelAnswer;
  readonly retention: RetentionAnswer;
  readonly paths: PathsAnswer;
  readonly sessions: SessionsAnswer;
  readonly pages: PagesAnswer;
  readonly names: NamesAnswer;
}

/** How far the answer reaches. */
export interface AnalyticsFreshness {
  /** The last position of the log that it knows. */
  readonly position: number;
  /** The last position of the log. */
  readonly head: number;
  readonly behindEvents: number;
  /** How long the first event that it does not know has been waiting. */
  readonly behindMs: number;
}

/** What `call.analytics.ask` gives. */
export type AnalyticsAnswer<Question extends AnalyticsQuestion = AnalyticsQuestion> = AnalyticsAnswers[Question['ask']] &
  AnalyticsFreshness;

/** Questions about events to the columnar copy of the log. */
export interface Analytics {
  /**
   * @throws TendrilError INPUT_INVALID beyond a bound; PERMISSION_DENIED for names that are not among `permissions.events.read`: any event,
   *   sessions, paths, pages and names need `*`; DRIVER_MISSING; ANALYTICS_NOT_HERE in a process without the role `analytics`
   */
  ask<Question extends AnalyticsQuestion>(question: Question): Promise<AnalyticsAnswer<Question>>;
  /** How far the copy is. Needs any `permissions.events.read`. */
  freshness(): Promise<AnalyticsFreshness>;
  /** Empties the copy and has it filled from the log again; resolves when it is empty. `freshness` tells how far it is. Needs `*`. */
  rebuild(): Promise<void>;
}

/** An event as it goes into the columnar copy: no traits, and no property that may be personal unless the driver's settings say so. */
export interface AnalyticsEvent {
  readonly position: number;
  readonly name: string;
  readonly kind: EventKind;
  readonly appId: string;
  readonly isTest: boolean;
  /** Epoch milliseconds. */
  readonly occurredAt: number;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** Profile, or a hash of how the application knows them; missing on events about nobody. */
  readonly person?: string;
  /** The application did not know who it was. */
  readonly isAnonymous: boolean;
  /** IANA name. */
  readonly timeZone?: string;
  readonly path?: string;
  /** Host. */
  readonly referrer?: string;
  readonly utm?: Readonly<Partial<Record<'source' | 'medium' | 'campaign' | 'term' | 'content', string>>>;
  readonly properties: Readonly<Record<string, Scalar>>;
}

/** Two people who became one, or two again. */
export interface PersonLink {
  readonly position: number;
  readonly from: string;
  readonly into: string;
  readonly isJoined: boolean;
}

/** A stretch of the log: everything behind `after` up to `through`. */
export interface AnalyticsBatch {
  readonly after: number;
  readonly through: number;
  /** In position order. */
  readonly events: readonly AnalyticsEvent[];
  /** In position order. */
  readonly links: readonly PersonLink[];
  /** Who earlier events belong to now, by position: after two people were taken apart. */
  readonly people?: readonly { readonly position: number; readonly person: string }[];
}
