import assert from 'node:assert/strict';
import { MASKED_PERSONAL, MASKED_SECRET } from '../../../src/pipelines/history/mask.ts';
import { toRun, toRunInfo } from '../../../src/pipelines/history/run-view.ts';
import type { RunRecord } from '../../../src/pipelines/runs/records.ts';

const RECORD: RunRecord = {
  id: 'r1',
  pipeline: 'welcome',
  version: 1,
  state: 'failed',
  startedAt: 0,
  isTest: false,
  caller: { kind: 'pipeline', id: 'welcome' },
  settings: { api_token: 's3cret', to: 'sales', sender: 'shop@example.com' },
  error: { code: 'UPSTREAM_FAILED', message: '550 ada@example.com: no such user', details: { email: 'ada', password: 'x' } },
  reason: 'ada@example.com has left',
};

describe('runs as they are shown', () => {
  it('say in lists and to listeners neither whom an error is about nor secrets', () => {
    const { error, reason } = toRunInfo(RECORD);
    assert.deepEqual(error, {
      code: 'UPSTREAM_FAILED',
      message: `550 ${MASKED_PERSONAL}: no such user`,
      details: { email: MASKED_PERSONAL, password: MASKED_SECRET },
    });
    assert.equal(reason, `${MASKED_PERSONAL} has left`);
  });

  it('say more to those who may see it, but no secret', () => {
    const run = toRun(RECORD, [], { list: () => [] }, { unmasked: true });
    assert.equal(run.error?.['message'], RECORD.error?.message);
    assert.deepEqual(run.error?.['details'], { email: 'ada', password: MASKED_SECRET });
    assert.deepEqual(run.settings, { ...RECORD.settings, api_token: MASKED_SECRET });
  });
});
