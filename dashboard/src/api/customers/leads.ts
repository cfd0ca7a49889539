import { api } from '../client.ts';
import type { Instant, Page, ScoreReason } from '../types.ts';
import { defined } from './defined.ts';

/** Where somebody may say that a lead stands. */
export const LEAD_STATUSES = ['new', 'scored', 'qualified', 'contacted', 'won', 'lost'] as const;

/** One of `LEAD_STATUSES`. */
export type LeadStatus = (typeof LEAD_STATUSES)[number];

/** A reason of a score: of who they are, or of what they did. */
export interface LeadReason extends ScoreReason {
  readonly part?: 'fit' | 'behaviour';
}

/** A stage that a lead entered. */
export interface StageChange {
  readonly at: Instant;
  /** Null for none. */
  readonly stage: string | null;
  readonly from: string | null;
  readonly by: 'rule' | 'person';
  readonly reasons: readonly string[];
  readonly probability?: number;
}

/** A lead with everything about it. */
export interface LeadDetail {
  readonly id: string;
  readonly person: string;
  readonly people: readonly string[];
  readonly name?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly status: LeadStatus;
  readonly probability: number | null;
  readonly reasons: readonly LeadReason[];
  readonly modelVersion?: number;
  readonly source: string;
  readonly capturedAt: Instant;
  readonly scoredAt?: Instant;
  /** 0 to 1, one half is average; null when not scored yet. */
  readonly fit: number | null;
  /** 0 to 1, one half is average; null when not scored yet. */
  readonly behaviour: number | null;
  readonly expectedValueCents: number | null;
  readonly currency?: string;
  readonly activityAt?: Instant;
  readonly stage: string | null;
  readonly stageAt?: Instant;
  /** Set by a person: rules leave it alone. */
  readonly isStageByHand: boolean;
  /** Oldest first. */
  readonly history: readonly StageChange[];
  readonly owner: string | null;
  readonly assignedAt?: Instant;
  readonly snoozedUntil?: Instant;
  readonly mergedLeads: readonly string[];
}

/** A lead of the queue. */
export interface QueuedLead extends LeadDetail {
  /** In a sentence; missing for leads that are not in the queue. */
  readonly nextStep?: string;
}

/** Somebody who works on leads. */
export interface LeadOwner {
  readonly id: string;
  readonly name: string;
  readonly email?: string;
  readonly isAway: boolean;
  readonly openLeads: number;
  readonly assignedToday: number;
  readonly hasRoom: boolean;
  readonly problem?: string;
}

/** A stage of qualification. */
export interface LeadStage {
  readonly name: string;
  readonly title: string;
  readonly conditions: readonly string[];
  readonly leads: number;
  readonly problems: readonly string[];
}

/** A trained model with its measures. */
export interface LeadModel {
  readonly version: number;
  readonly isActive: boolean;
  readonly examples: number;
  readonly positives: number;
  readonly metrics: {
    readonly auc: number;
    readonly brier: number;
    readonly logLoss: number;
    readonly ece: number;
    readonly baseRate: number;
    readonly heldOutRate: number;
    readonly heldOutExamples: number;
  };
  readonly features: readonly string[];
  readonly createdAt: Instant;
  readonly splits?: readonly {
    readonly split: 'held_out' | 'chosen_on';
    readonly examples: number;
    readonly auc: number;
    readonly ece: number;
    readonly liftAtTenth: number;
  }[];
  readonly comparison?: { readonly version: number; readonly examples: number; readonly logLoss: number; readonly newLogLoss: number };
}

/** Which leads of the queue. */
export interface QueueFilter {
  readonly owner?: string | undefined;
  readonly stage?: string | undefined;
  readonly by?: string | undefined;
  readonly cursor?: string | undefined;
}

/** Leads: whom to speak to next, and why. */
export const leadsApi = {
  queue: (filter: QueueFilter, signal?: AbortSignal) =>
    api.action<Page<QueuedLead> & { readonly by: 'expected_value' | 'probability' }>(
      'leads.queue',
      { limit: 30, ...defined(filter) },
      signal,
    ),
  list: (filter: { readonly status?: string | undefined; readonly cursor?: string | undefined }, signal?: AbortSignal) =>
    api.action<Page<LeadDetail>>('leads.list', { limit: 30, ...defined(filter) }, signal),
  get: (id: string, signal?: AbortSignal) => api.action<LeadDetail>('leads.get', { id }, signal),
  /** @param owner chosen by rule when missing */
  assign: (id: string, owner?: string) => api.action<{ readonly owner: string | null }>('leads.assign', { id, ...defined({ owner }) }),
  snooze: (id: string, until: string | null) => api.action<{ readonly until: string | null }>('leads.snooze', { id, until }),
  setStatus: (id: string, status: LeadStatus) => api.action<{ readonly status: LeadStatus }>('leads.set_status', { id, status }),
  setStage: (id: string, stage: string | null, reason: string) =>
    api.action<{ readonly stage: string | null }>('leads.set_stage', { id, stage, reason }),
  /** Gives the stage back to the rules. */
  releaseStage: (id: string, reason: string) =>
    api.action<{ readonly stage: string | null }>('leads.set_stage', { id, reason, release: true }),
  owners: (signal?: AbortSignal) =>
    api.action<{ readonly owners: readonly LeadOwner[]; readonly unassigned: number }>('leads.owners', {}, signal),
  stages: async (signal?: AbortSignal): Promise<readonly LeadStage[]> =>
    (await api.action<{ readonly stages: readonly LeadStage[] }>('leads.stages', {}, signal)).stages,
  models: (signal?: AbortSignal) => api.action<Page<LeadModel>>('leads.models', { limit: 20 }, signal),
  train: () => api.action<LeadModel>('leads.train', {}),
  activate: (version: number) => api.action<{ readonly version: number }>('leads.activate', { version }),
} as const;
