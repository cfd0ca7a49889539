import type { Approval, Broadcast, Run } from '../../src/api/types.ts';

/** A run that waits for approval in a loop, with the pages around it: the deepest that a tree gets. */
export function makeWaitingRun(personId: string, startedAt: number): Run {
  const step = { attempts: 1, startedAt };
  return {
    id: 'run_waiting',
    pipeline: 'vip_offer',
    version: 2,
    environment: 'production',
    state: 'needs_approval',
    startedAt,
    personId,
    isTest: true,
    parentId: 'run_000001',
    settings: {},
    input: { amount: 5_000, email: '[personal]' },
    steps: [
      { ...step, path: '0', id: 'limits', kind: 'set', state: 'succeeded', endedAt: startedAt + 2, output: { most: 5_000 } },
      { ...step, path: '1', kind: 'forEach', state: 'running' },
      {
        ...step,
        path: '1.0.0',
        kind: 'action',
        action: 'email.send',
        state: 'succeeded',
        endedAt: startedAt + 30,
        input: { to: '[personal]' },
      },
      { ...step, path: '1.1.0', kind: 'wait', state: 'sleeping', until: startedAt + 86_400_000 },
      {
        ...step,
        path: '2.parallel.mail.0',
        kind: 'approve',
        id: 'sign_off',
        state: 'needs_approval',
        until: startedAt + 2 * 86_400_000,
        input: { title: 'Offer 5,000 EUR?', by: 'sales' },
      },
      { ...step, path: '2.parallel.crm.0', kind: 'call', state: 'succeeded', endedAt: startedAt + 40, output: { ok: true } },
    ],
  };
}

/** What that run waits for. */
export function makeApproval({ id, pipeline, personId, startedAt }: Run): Approval {
  const path = '2.parallel.mail.0';
  return {
    id: `${id}/${path}`,
    runId: id,
    path,
    pipeline,
    by: 'sales',
    title: 'Offer 5,000 EUR?',
    message: 'The limit for offers without a second look is 1,000 EUR.',
    askedAt: startedAt,
    until: Number(startedAt) + 2 * 86_400_000,
    isTest: true,
    ...(personId === undefined ? {} : { personId }),
  };
}

/** A broadcast that is on its way. */
export function makeBroadcast(id: string, total: number | undefined, createdAt: number): Broadcast {
  return {
    id,
    pipeline: 'spring_news',
    version: 1,
    state: 'running',
    createdAt,
    started: 0,
    succeeded: 0,
    failed: 0,
    skipped: 0,
    ...(total === undefined ? { segment: 'customers' } : { total }),
  };
}
