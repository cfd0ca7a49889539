import type { AnalyticsAnswers, AnalyticsBatch, AnalyticsQuestion } from './analytics.ts';
import type { Call } from './call.ts';
import type { TextAnswer, TextRequest } from './models.ts';

/** Driver of `text_generation`. */
export interface TextGenerationDriver {
  /** @throws TendrilError of the catalogue; its remedy decides whether it is tried again */
  generate(request: TextRequest, call: Call): Promise<TextAnswer>;
}

/** Driver of `embeddings`. */
export interface EmbeddingsDriver {
  /** [texts][dimensions], each of length 1; the same number of dimensions always. At most 256 texts of 8,000 characters. */
  embed(texts: readonly string[], call: Call): Promise<readonly (readonly number[])[]>;
}

/**
 * Driver of `analytics`: keeps the columnar copy of one tenant's log, and answers from it. How far the copy is lies in the copy itself.
 * Questions were checked against their bounds before.
 */
export interface AnalyticsDriver {
  /** The last position that the copy holds; 0 for an empty or a lost one. */
  position(call: Call): Promise<number>;
  /**
   * Adds a batch and moves the position to `through`, both or neither. What lies at or before the position was added before and is ignored.
   *
   * @throws TendrilError CONFLICT when the copy does not reach as far as the batch's `after`
   */
  append(batch: AnalyticsBatch, call: Call): Promise<void>;
  /** Positions of the events that were told to be of any of these people, behind `after`, in order; at most `limit`. */
  positionsOf(people: readonly string[], after: number, limit: number, call: Call): Promise<readonly number[]>;
  /** Empties the copy. */
  reset(call: Call): Promise<void>;
  /** Answers from what the copy holds at one moment, whose position is in the answer. */
  ask<Question extends AnalyticsQuestion>(
    question: Question,
    call: Call,
  ): Promise<AnalyticsAnswers[Question['ask']] & { readonly position: number }>;
}

/** The contracts of drivers that are open to plugins, by the word of the manifest. */
export interface DriverContracts {
  readonly text_generation: TextGenerationDriver;
  readonly embeddings: EmbeddingsDriver;
  readonly analytics: AnalyticsDriver;
}

/** A word of the manifest's `drivers.*.contract` that plugins may implement. */
export type DriverContract = keyof DriverContracts;

/** What a driver of a contract has to be. */
export type DriverOf<Contract extends DriverContract> = DriverContracts[Contract];
