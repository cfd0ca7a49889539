import assert from 'node:assert/strict';
import type { JsonObject } from '@tendril/plugin-api';
import { reservePermit } from '../../src/actions/reserve-permit.ts';
import type { Governor, SendRequest } from '../../src/governor/index.ts';
import type { LoadedAction } from '../../src/plugins/index.ts';

describe('the permit of a message', () => {
  const action = { name: 'mail.send', action: { send: { person: '/person', channel: 'email', address: '/traits/email' } } } as LoadedAction;
  const request = {
    tenantId: 'acme',
    name: 'mail.send',
    input: { person: 'p2' },
    idempotencyKey: 'k',
    attempt: 1,
    caller: { kind: 'hub' as const },
    isTest: false,
  };

  async function requested(profile: JsonObject): Promise<SendRequest> {
    const asked: SendRequest[] = [];
    const governor = {
      reserveSend: async (send: SendRequest) => {
        asked.push(send);
        return { settlement: () => [], release: async () => undefined };
      },
    } as Partial<Governor> as Governor;
    await reservePermit(governor, action, { person: 'p2' }, request, async () => profile);
    const [first] = asked;
    assert.ok(first !== undefined);
    return first;
  }

  it('is asked for with all former ids and addresses of the person, and with what it refused', async () => {
    const { personId, aliases, refused, identities } = await requested({
      id: 'p1',
      aliases: ['p1', 'p2'],
      identities: ['userId:u1', 'email:jane@x.invalid', 'email:jane@work.invalid', 'phone:+4930901820', 'anonymousId:a1'],
      consent: { marketing: 'denied', analytics: 'granted', email: 'denied' },
      traits: { email: 'jane@x.invalid' },
    });
    assert.equal(personId, 'p1');
    assert.deepEqual(aliases, ['p1', 'p2', 'jane@x.invalid', 'jane@work.invalid', '+4930901820']);
    assert.deepEqual(refused, ['marketing', 'email']);
    assert.deepEqual(identities, { userId: 'u1' });
  });

  it('needs none of it from whoever provides people', async () => {
    const { aliases, refused } = await requested({ id: 'p1', traits: { email: 'jane@x.invalid' } });
    assert.deepEqual([aliases, refused], [[], []]);
  });
});
