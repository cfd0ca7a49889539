import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { createLogger } from '../../cli/src/wiring/logger.ts';

const ADDRESS = 'ada.lovelace@victim.example';
const KEY = `ts_${'0aZ'.repeat(11)}`;
const SIGNING = 'whsec_c2VjcmV0IG9mIGEgd2ViaG9vaw==';
const TOKEN = 'c2VjcmV0dG9rZW4';

function linesOf(write: (log: ReturnType<typeof createLogger>) => void): string {
  let lines = '';
  write(createLogger('debug', (line) => (lines += line)));
  return lines;
}

describe('log lines', () => {
  it('hold no secret and no address, wherever a library put them', () => {
    const vendor = Object.assign(new Error(`550 <${ADDRESS}> is not known here`), {
      code: 'EENVELOPE',
      config: { headers: { Authorization: `Bearer ${TOKEN}` }, data: { deep: { email: ADDRESS } } },
      request: { body: TOKEN },
    });
    const failure = new TendrilError('UPSTREAM_REJECTED', { host: 'crm.example', email: ADDRESS, accessToken: TOKEN }, { cause: vendor });
    const lines = linesOf((log) => {
      log.error({ err: failure, requestId: 'r-1' }, 'request failed');
      log.warn({ err: vendor, tenantId: 'acme' }, 'consumer failed');
      log.warn({ reason: `key ${KEY} and ${SIGNING}, Authorization: Bearer ${TOKEN}` }, 'job failed');
      log.debug({ traits: { email: ADDRESS }, email: ADDRESS, token: TOKEN }, 'looked at');
    });
    assert.equal(lines.trim().split('\n').length, 4);
    for (const secret of [ADDRESS, KEY, SIGNING, TOKEN]) assert.ok(!lines.includes(secret), secret);
  });

  it('still say what happened, and where', () => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const failure = new TendrilError('UPSTREAM_UNAVAILABLE', { host: 'crm.example' }, { cause });
    const { err } = JSON.parse(linesOf((log) => log.error({ err: failure }, 'failed'))) as {
      err: { code: string; stack: string; details: { host: string }; cause: { code: string } };
    };
    assert.deepEqual([err.code, err.details.host, err.cause.code], ['UPSTREAM_UNAVAILABLE', 'crm.example', 'ECONNREFUSED']);
    assert.match(err.stack, /log-lines\.test\.ts/);
  });

  it('are looked through in a time that grows with their length only', () => {
    const startedAt = performance.now();
    for (const piece of ['a', 'a@', 'a.', '@a.b', 'Bearer ', 'ts_']) linesOf((log) => log.warn({ text: piece.repeat(50_000) }, 'long'));
    assert.ok(performance.now() - startedAt < 2_000);
  });
});
