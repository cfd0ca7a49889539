import { hash } from 'node:crypto';
import type { Call } from '@tendril/plugin-api';
import { behaviourAt, contactOf, traitsAt } from '../behaviour/known-at.ts';
import type { LeadBook } from '../book/lead-book.ts';
import { CurrentModel } from '../current-model.ts';
import type { LeadsRow, ProspectsRow, Settings, TotalsRow } from '../gen/manifest.gen.ts';
import type { Values } from '../observation.ts';
import { nextLookAt } from './next-look.ts';
import { canScore, scoreValues } from './score-values.ts';
import type { Score, Subject } from './score-values.ts';
import { valueCentsOf } from './value.ts';
import type { ValueTotals } from './value.ts';

const MOST_AHEAD_MS = 86_400_000;

/** Key of the total of what good outcomes were worth. */
export const VALUE_TOTAL = 'value';

/** Scores leads by what is known of their people: the model and settings of one piece of work. */
export class Scorer {
  readonly model: CurrentModel | undefined;
  readonly #settings: Settings;
  readonly #totals: ValueTotals | undefined;
  /** Whether there is a model or points to score by. */
  readonly #hasScore: boolean;
  readonly basis: string;

  private constructor(model: CurrentModel | undefined, totals: ValueTotals | undefined, settings: Settings) {
    this.model = model;
    this.#totals = totals;
    this.#settings = settings;
    this.#hasScore = canScore(model, settings);
    this.basis = `${String(model?.version ?? 0)}-${fingerprintOf(settings)}`;
  }

  static async load(call: Call<Settings>, loaded?: CurrentModel): Promise<Scorer> {
    const model = loaded ?? (await CurrentModel.load(call));
    const learnsValue = call.settings.value?.outcomeProperty !== undefined;
    const totals = learnsValue ? (await call.table<TotalsRow>('totals').get(VALUE_TOTAL))?.value : undefined;
    return new Scorer(model, totals, call.settings);
  }

  /** `undefined` when there is neither a model nor points to score by. */
  scoreOf(subject: Subject): Score | undefined {
    return scoreValues(subject, this.model, this.#settings);
  }

  /** Scores a lead of the book and notes the score. Gives it as it is then. */
  rescore(book: LeadBook, id: string, moment: number): LeadsRow | undefined {
    const lead = book.headOf(id);
    if (lead === undefined) return undefined;
    const people = book.peopleOf(lead.person);
    const activityAt = activityOf(people);
    const score = this.#hasScore
      ? this.scoreOf({ values: this.#valuesOf(people, moment), activityAt: activityAt ?? lead.capturedAt, moment })
      : undefined;
    const isKnown = score === undefined && lead.basis === this.basis && lead.activityAt === activityAt && (lead.dueAt ?? Infinity) > moment;
    return isKnown ? lead : this.note(book, lead, score, moment);
  }

  #valuesOf(people: readonly ProspectsRow[], moment: number): Values {
    return {
      ...propertiesOf(people),
      ...traitsAt(people, Infinity),
      ...behaviourAt(people, momentFor(people, moment), this.#settings),
    };
  }

  /**
   * Notes a score on a lead; without one that it was looked at.
   *
   * @param valueCents what a conversion is worth, where more is known than the book knows
   */
  note(book: LeadBook, lead: LeadsRow, score: Score | undefined, moment: number, valueCents?: number): LeadsRow {
    const people = book.peopleOf(lead.person);
    if (score !== undefined && lead.status === 'new') book.state(lead.id, 'status', { status: 'scored' });
    const { dueAt: _dueAt, expectedValueCents: _value, currency: _currency, ...before } = book.headOf(lead.id) ?? lead;
    const activityAt = activityOf(people);
    const scored: LeadsRow = {
      ...before,
      basis: this.basis,
      ...(activityAt === undefined ? {} : { activityAt }),
      ...(score === undefined ? {} : { ...fieldsOf(score), scoredAt: moment }),
    };
    const probability = scored.probability;
    const dueAt = nextLookAt(scored, moment, this.#settings);
    const after: LeadsRow = {
      ...scored,
      ...(probability === undefined ? {} : this.#expected(probability, valueCents ?? this.valueCentsOf(people))),
      ...(dueAt === undefined ? {} : { dueAt }),
    };
    book.note(after);
    return after;
  }

  /** What a conversion of these people is worth, in hundredths. */
  valueCentsOf(people: readonly ProspectsRow[]): number | undefined {
    return valueCentsOf(people.find(({ valueCents }) => valueCents !== undefined)?.valueCents, this.#totals, this.#settings);
  }

  #expected(probability: number, cents: number | undefined): Pick<LeadsRow, 'expectedValueCents' | 'currency'> {
    const { value } = this.#settings;
    return value === undefined || cents === undefined
      ? {}
      : { expectedValueCents: Math.round(probability * cents), currency: value.currency };
  }
}

/** Last thing that people did; `undefined` when nothing that counts. */
export function activityOf(people: readonly ProspectsRow[]): number | undefined {
  const moments = people.flatMap(({ activeAt }) => activeAt ?? []);
  return moments.length === 0 ? undefined : Math.max(...moments);
}

/** Now, as people are scored: a clock of an application may run a little ahead of the hub's. */
export function momentFor(people: readonly ProspectsRow[], now: number): number {
  const activityAt = activityOf(people) ?? 0;
  return activityAt > now && activityAt - now < MOST_AHEAD_MS ? activityAt : now;
}

function propertiesOf(people: readonly ProspectsRow[]): Values {
  return Object.fromEntries(Object.entries(contactOf(people)?.values ?? {}).filter(([name]) => name.startsWith('properties.')));
}

function fieldsOf({ probability, fit, behaviour, reasons, modelVersion }: Score): Partial<LeadsRow> {
  return { probability, fit, behaviour, reasons: [...reasons], modelVersion };
}

/** Changes when leads would be scored or qualified otherwise. */
function fingerprintOf({ behaviours, behaviourHalfLifeDays, points, value, stages }: Settings): string {
  return hash('sha256', JSON.stringify([behaviours, behaviourHalfLifeDays, points, value, stages]), 'base64url').slice(0, 8);
}
