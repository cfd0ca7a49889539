import assert from 'node:assert/strict';
import { createGovernor, GOVERNOR_TABLES } from '../../src/governor/index.ts';
import type { Governor, SendRequest } from '../../src/governor/index.ts';
import type { GovernorService } from '../../src/hub.ts';
import type { TenantOpener } from '../../src/tenants/index.ts';
import { memoryTenants, TestClock } from '../plugins/fixture.ts';

const DAY_MS = 86_400_000;
const SEND: SendRequest = {
  tenantId: 'acme',
  idempotencyKey: 'run-1',
  action: 'email.send',
  channel: 'email',
  purpose: 'marketing',
  personId: 'p1',
  address: 'Jane@Example.invalid',
  isTest: false,
  hops: 0,
};

describe('governor', () => {
  let clock: TestClock;
  let tenants: TenantOpener;
  let governor: Governor;
  let service: GovernorService;

  beforeEach(async () => {
    clock = new TestClock();
    const memory = memoryTenants(clock);
    await memory.define(GOVERNOR_TABLES);
    tenants = memory;
    governor = createGovernor({ tenants, clock, publicUrl: () => 'https://hub.example.invalid' });
    service = governor.service('acme');
  });

  const send = (overrides: Partial<SendRequest> = {}) => governor.reserveSend({ ...SEND, ...overrides });
  const isHeld = (reason: string) => (error: { code: string; details: { reason?: string } }) =>
    error.code === 'ACTION_HELD_BACK' && error.details.reason === reason;

  it('permits with the address that it checked and a link to get out', async () => {
    const { permit } = await send();
    assert.equal(permit?.address, 'Jane@Example.invalid');
    assert.match(permit.unsubscribeUrl, /^https:\/\/hub\.example\.invalid\/u\/acme\.[\w-]{43}$/);
    assert.equal((await service.status()).sentToday, 1);
  });

  it('counts an effect once, whatever the number of attempts', async () => {
    const first = await send();
    const again = await send();
    assert.equal(again.permit?.id, first.permit?.id);
    assert.equal((await service.status()).sentToday, 1);
  });

  it('counts an effect once when attempts race', async () => {
    await Promise.all([send(), send(), send()]);
    assert.equal((await service.status()).sentToday, 1);
  });

  it('holds back while paused, a retry of what was reserved too', async () => {
    await send();
    await service.pause();
    await service.pause();
    await assert.rejects(send(), isHeld('paused'));
    await assert.rejects(send({ idempotencyKey: 'run-2' }), isHeld('paused'));
    await service.resume();
    await send({ idempotencyKey: 'run-2' });
    assert.equal((await service.status()).sentToday, 2);
  });

  it('reads suppression at the moment of sending, by address and by person', async () => {
    await send();
    await service.suppress('email', ' jane@example.INVALID ', 'complaint');
    await assert.rejects(send(), isHeld('suppressed'));
    await service.unsuppress('email', 'jane@example.invalid');
    await service.suppress('email', 'p1', 'asked by phone');
    await assert.rejects(send({ idempotencyKey: 'run-2', address: 'other@example.invalid' }), isHeld('suppressed'));
    await send({ idempotencyKey: 'run-3', channel: 'push', address: 'device' });
  });

  it('holds back whoever is suppressed under a former id or another address, and opens when all of them are let go', async () => {
    await service.configure({ dailyCapPerPerson: 100 });
    const merged: Partial<SendRequest> = { aliases: ['p1', 'p2', 'jane@work.invalid'] };
    await send(merged);
    for (const target of ['p2', 'Jane@Work.invalid']) {
      await service.suppress('email', target, 'unsubscribed');
      await assert.rejects(send(merged), isHeld('suppressed'));
      await assert.rejects(send({ ...merged, idempotencyKey: 'run-2' }), isHeld('suppressed'));
      // Separated again, the one who said nothing is reached, and the other is not.
      await send({ idempotencyKey: `run-of-p1-${target}` });
      await service.unsuppress('email', target);
    }
    await send({ ...merged, idempotencyKey: 'run-2' });
  });

  it('holds back what the profile says was refused: the purpose, or the whole channel', async () => {
    await assert.rejects(send({ refused: ['marketing'] }), isHeld('no_consent'));
    await assert.rejects(send({ refused: ['email'] }), isHeld('no_consent'));
    await send({ refused: ['sms', 'Advertising'] });
    // What was reserved before is not sent either, once it is refused.
    await assert.rejects(send({ refused: ['marketing'] }), isHeld('no_consent'));
  });

  it('keeps the daily cap of a person and says when the day ends for the tenant', async () => {
    await service.configure({ dailyCapPerPerson: 2 });
    await send();
    await send({ idempotencyKey: 'run-2' });
    await assert.rejects(send({ idempotencyKey: 'run-3' }), (error: { details: { reason: string; until: number } }) => {
      // Midnight in Berlin in winter.
      return error.details.reason === 'cap_of_person' && error.details.until === Date.UTC(2026, 0, 15, 23);
    });
    await send({ idempotencyKey: 'run-4', personId: 'p2', address: 'joe@example.invalid' });
    clock.advance(DAY_MS);
    await send({ idempotencyKey: 'run-5' });
  });

  it('keeps the cap of the tenant when many send at once', async () => {
    await service.configure({ dailyCap: 3 });
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => send({ idempotencyKey: `run-${index}`, personId: `p${index}` })),
    );
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 3);
    assert.equal((await service.status()).sentToday, 3);
  });

  it('gives the count back when the effect certainly did not take place', async () => {
    const reservation = await send();
    await reservation.release();
    await reservation.release();
    assert.equal((await service.status()).sentToday, 0);
    await send();
    assert.equal((await service.status()).sentToday, 1);
  });

  it('does not give back what was settled', async () => {
    const reservation = await send();
    const { state } = await tenants.open('acme');
    await state.commit(reservation.settlement());
    await reservation.release();
    assert.equal((await service.status()).sentToday, 1);
  });

  it('lets tests use up nothing', async () => {
    await send({ isTest: true });
    assert.equal((await service.status()).sentToday, 0);
  });

  it('holds back who has no address', async () => {
    await assert.rejects(governor.reserveSend({ ...SEND, address: undefined }), isHeld('no_address'));
  });

  it('holds back money without a budget', async () => {
    const spend = { tenantId: 'acme', idempotencyKey: 'run-1', action: 'ads.buy', isTest: false, hops: 0, amount: 100, currency: 'EUR' };
    await assert.rejects(governor.reserveSpend(spend), isHeld('budget'));
    await assert.rejects(governor.reserveSpend({ ...spend, amount: -5 }), { code: 'INPUT_INVALID' });
  });

  it('unsubscribes by link, as often as it is followed, for the address and the person', async () => {
    const { permit } = await send({ identities: { userId: 'u1' } });
    const token = permit?.unsubscribeUrl.split('/').at(-1) ?? '';
    assert.deepEqual(await service.describeUnsubscribe(token), {
      channel: 'email',
      purpose: 'marketing',
      addressHint: 'J…@Example.invalid',
    });
    assert.equal(await service.isSuppressed('email', 'jane@example.invalid'), false);
    await service.unsubscribe(token);
    await service.unsubscribe(token);
    assert.equal(await service.isSuppressed('email', 'jane@example.invalid'), true);
    await assert.rejects(send({ idempotencyKey: 'run-2', address: 'new@example.invalid' }), isHeld('suppressed'));
  });

  it('knows no token that it did not make, nor one of another tenant', async () => {
    const { permit } = await send();
    const token = permit?.unsubscribeUrl.split('/').at(-1) ?? '';
    await assert.rejects(service.unsubscribe(`${token}x`), { code: 'NOT_FOUND' });
    await assert.rejects(governor.service('globex').unsubscribe(token), { code: 'NOT_FOUND' });
  });

  it('keeps tenants apart', async () => {
    await service.suppress('email', 'jane@example.invalid', 'complaint');
    await service.pause();
    const { permit } = await send({ tenantId: 'globex' });
    assert.ok(permit);
  });
});
