import type { Run } from '@tendril/engine';

/** Instant at which everything of the fake hub was made. */
export const MADE_AT = Date.parse('2026-11-01T10:00:00.000Z');

/** A run as the fake hub has it. */
export function fakeRun(id: string): Run {
  const steps = [
    {
      path: '0',
      id: 'score',
      kind: 'action',
      action: 'leads.score',
      state: 'needs_review',
      attempts: 1,
      startedAt: MADE_AT,
      input: { person: 'p-1' },
    },
  ] as const;
  return {
    id,
    pipeline: 'welcome',
    version: 1,
    state: 'needs_review',
    startedAt: MADE_AT,
    endedAt: MADE_AT + 5,
    personId: 'p-1',
    isTest: false,
    steps,
    settings: {},
    requestId: 'r-1',
  };
}
