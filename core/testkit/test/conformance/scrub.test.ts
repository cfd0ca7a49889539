import assert from 'node:assert/strict';
import { scrubbedOrRefused } from '../../src/conformance/record/record-action.ts';
import { scrub, secretsIn } from '../../src/conformance/record/scrub.ts';

const SECRETS = { apiKey: 'sk_live_8f3/9a=' };

describe('scrub', () => {
  it('puts the same placeholder wherever the same value stands', () => {
    const { value, scrubbed } = scrub(
      {
        input: { email: 'ada@lovelace.org', first_name: 'Ada', note: 'Ada met Adam' },
        exchanges: [
          {
            request: { url: 'https://api.example/c?email=ada%40lovelace.org&access_token=tok-123456&n=Ada' },
            response: { body: { by: 'ada@lovelace.org' } },
          },
        ],
      },
      SECRETS,
    );
    assert.deepEqual(value, {
      input: { email: 'person-1@example.invalid', first_name: 'Name1', note: 'Name1 met Adam' },
      exchanges: [
        {
          request: { url: 'https://api.example/c?email=person-1%40example.invalid&access_token=placeholder-secret-1&n=Name1' },
          response: { body: { by: 'person-1@example.invalid' } },
        },
      ],
    });
    assert.deepEqual(scrubbed.map(({ what, placeholder, count }) => [what, placeholder, count]).toSorted(), [
      ['e-mail address', 'person-1@example.invalid', 3],
      ['name', 'Name1', 3],
      ['secret', 'placeholder-secret-1', 1],
    ]);
  });

  it('takes secrets of the connection out of values, URLs and names, and tokens by the name of their field', () => {
    const { value } = scrub(
      {
        url: `https://x.example/${encodeURIComponent(SECRETS.apiKey)}`,
        body: { text: `key ${SECRETS.apiKey}!`, refreshToken: 'r-9999', nested: [{ password: 'hunter22' }] },
      },
      SECRETS,
    );
    assert.deepEqual(value, {
      url: 'https://x.example/placeholder-apiKey',
      body: { text: 'key placeholder-apiKey!', refreshToken: 'placeholder-secret-1', nested: [{ password: 'placeholder-secret-2' }] },
    });
  });

  it('knows phone numbers, names in two words and addresses, and leaves words that are none', () => {
    const { value } = scrub(
      {
        phone: '030 1234567',
        text: 'call +49 30 1234 5678',
        name: 'Ada Lovelace',
        city: 'Berlin',
        field: { name: 'email' },
        label: 'First Name',
      },
      {},
    );
    assert.deepEqual(value, {
      phone: '+15550100001',
      text: 'call +15550100002',
      name: 'Name1',
      city: 'Place 1',
      field: { name: 'email' },
      label: 'First Name',
    });
  });

  it('changes nothing that is a placeholder already', () => {
    const clean = { email: 'ada@example.invalid', token: 'placeholder-token' };
    assert.deepEqual(scrub(clean, {}), { value: clean, scrubbed: [] });
  });

  it('finds a secret in every form that it may stand in', () => {
    const { apiKey } = SECRETS;
    for (const form of [apiKey, encodeURIComponent(apiKey), Buffer.from(apiKey).toString('base64'), Buffer.from(apiKey).toString('hex')])
      assert.deepEqual(secretsIn(`… ${form} …`, SECRETS), ['apiKey']);
    assert.deepEqual(secretsIn('sk_live', SECRETS), []);
  });

  it('refuses a recording in which the value of a secret is left', () => {
    const inBase64 = { body: `Basic ${Buffer.from(SECRETS.apiKey).toString('base64')}` };
    assert.throws(() => scrubbedOrRefused(inBase64, SECRETS), { code: 'CONNECTION_INVALID' });
    // Too short to be replaced everywhere.
    assert.throws(() => scrubbedOrRefused({ body: 'a pin: 123' }, { pin: '123' }), { code: 'CONNECTION_INVALID' });
  });
});
