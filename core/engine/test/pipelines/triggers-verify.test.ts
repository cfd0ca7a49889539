import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import { deliveryIdOf, verifyWebhook } from '../../src/webhooks/verify-webhook.ts';
import type { Verification } from '../../src/webhooks/verify-webhook.ts';

interface Delivery {
  readonly verify: Verification;
  readonly secret: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** In seconds. */
  readonly at?: number;
}

/** @returns why it was refused; `undefined` when it was not */
function refusal({ verify, secret, headers, body, at = 0 }: Delivery): unknown {
  try {
    verifyWebhook(verify, secret, { headers, rawBody: Buffer.from(body) }, at * 1_000);
    return undefined;
  } catch (error) {
    assert.ok(TendrilError.is(error) && error.code === 'WEBHOOK_UNVERIFIED');
    return error.details['reason'];
  }
}

// The vector of the reference libraries: standard-webhooks, libraries/javascript/src/webhook.test.ts.
const STANDARD: Delivery = {
  verify: { scheme: 'standard_webhooks' },
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  headers: {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  body: '{"test": 2432232314}',
  at: 1_614_265_330,
};

// docs.github.com, "Validating webhook deliveries", section "Testing the webhook payload validation".
const GITHUB: Delivery = {
  verify: { scheme: 'github' },
  secret: "It's a Secret to Everybody",
  headers: { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' },
  body: 'Hello, World!',
};

// api.slack.com, "Verifying requests from Slack", the example of the step by step walk-through.
const SLACK: Delivery = {
  verify: { scheme: 'slack' },
  secret: '8f742231b10e8888abcd99yyyzzz85a5',
  headers: {
    'x-slack-request-timestamp': '1531420618',
    'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  },
  body:
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA' +
    '&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554' +
    '%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  at: 1_531_420_618,
};

// By docs.stripe.com/webhooks ("signed_payload" is the time, a full stop, the body); the signature comes from `openssl dgst -sha256 -hmac`.
const STRIPE: Delivery = {
  verify: { scheme: 'stripe' },
  secret: 'whsec_test_secret',
  headers: {
    'stripe-signature':
      't=12345,v1=00,v1=7781fc750544fc561c6dffa80160479ee96c94f5eabbc5a4da195b780cc4ff0c,v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39',
  },
  body: '{"id":"evt_1","object":"event"}',
  at: 12_345,
};

// The examples of RFC 7617, section 2, and RFC 6750, section 2.1.
const BASIC: Delivery = {
  verify: { scheme: 'basic' },
  secret: 'Aladdin:open sesame',
  headers: { authorization: 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==' },
  body: '',
};
const BEARER: Delivery = {
  verify: { scheme: 'bearer' },
  secret: 'mF_9.B5f-4.1JqM',
  headers: { authorization: 'Bearer mF_9.B5f-4.1JqM' },
  body: '',
};

// RFC 4231, test case 2: key "Jefe".
const HMAC: Delivery = {
  verify: { scheme: 'hmac_sha256', header: 'X-Acme-Signature' },
  secret: 'Jefe',
  headers: { 'x-acme-signature': '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843' },
  body: 'what do ya want for nothing?',
};

const ALL = { STANDARD, GITHUB, SLACK, STRIPE, BASIC, BEARER, HMAC };

describe('verifying webhooks', () => {
  for (const [name, delivery] of Object.entries(ALL)) {
    it(`takes the published example of ${name.toLowerCase()}, and nothing else`, () => {
      assert.equal(refusal(delivery), undefined);
      assert.notEqual(refusal({ ...delivery, secret: 'c2VjcmV0' }), undefined);
      assert.equal(refusal({ ...delivery, secret: undefined }), 'no secret is set for this address');
      assert.equal(refusal({ ...delivery, secret: '' }), 'no secret is set for this address');
      for (const header of Object.keys(delivery.headers)) {
        const { [header]: value = '', ...rest } = delivery.headers;
        assert.equal(refusal({ ...delivery, headers: rest }), `the header \`${header}\` is missing`);
        assert.notEqual(refusal({ ...delivery, headers: { ...rest, [header]: '' } }), undefined);
        assert.notEqual(refusal({ ...delivery, headers: { ...rest, [header]: value.slice(0, value.length / 2) } }), undefined);
        assert.notEqual(refusal({ ...delivery, headers: { ...rest, [header]: `x${value}` } }), undefined);
      }
      if (name !== 'BASIC' && name !== 'BEARER')
        assert.equal(refusal({ ...delivery, body: `${delivery.body} ` }), 'the proof does not fit');
    });
  }

  it('refuses signed times that are too far from now, in both directions', () => {
    for (const delivery of [STANDARD, SLACK, STRIPE]) {
      const { at = 0, verify } = delivery;
      for (const seconds of [-300, 300]) assert.equal(refusal({ ...delivery, at: at + seconds }), undefined);
      for (const seconds of [-301, 301]) assert.equal(refusal({ ...delivery, at: at + seconds }), 'the signed time is too far from now');
      assert.equal(refusal({ ...delivery, at: at + 3_000, verify: { ...verify, toleranceMs: 3_600_000 } }), undefined);
      assert.equal(
        refusal({ ...delivery, at: at + 11, verify: { ...verify, toleranceMs: 10_000 } }),
        'the signed time is too far from now',
      );
    }
  });

  it('knows several signatures of which one fits, other spellings, and secrets without their prefix', () => {
    const other = 'v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=';
    const valid = STANDARD.headers['webhook-signature'] ?? '';
    const withSignature = (signature: string): Delivery => ({
      ...STANDARD,
      headers: { ...STANDARD.headers, 'webhook-signature': signature },
    });
    assert.equal(refusal(withSignature(`${other} ${other.replace('v1', 'v2')} ${valid} ${other}`)), undefined);
    assert.equal(refusal(withSignature(other)), 'the proof does not fit');
    assert.equal(refusal(withSignature('v1,')), 'the proof does not fit');
    assert.equal(refusal(withSignature(valid.replace('v1', 'v2'))), 'the proof does not fit');
    assert.equal(refusal({ ...STANDARD, secret: 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }), undefined);
    const svix = Object.fromEntries(Object.entries(STANDARD.headers).map(([name, value]) => [name.replace('webhook', 'svix'), value]));
    assert.equal(refusal({ ...STANDARD, headers: svix }), undefined);
    const base64 = Buffer.from(HMAC.headers['x-acme-signature'] ?? '', 'hex').toString('base64');
    assert.equal(refusal({ ...HMAC, headers: { 'x-acme-signature': base64 } }), undefined);
    assert.equal(refusal({ ...HMAC, headers: { 'x-acme-signature': `sha256=${HMAC.headers['x-acme-signature'] ?? ''}` } }), undefined);
  });

  it('proves nothing by a secret that gives an empty key, with which anybody can sign', () => {
    const { headers, body } = STANDARD;
    const signed = createHmac('sha256', '').update(`${headers['webhook-id'] ?? ''}.${headers['webhook-timestamp'] ?? ''}.${body}`);
    const forged = { ...STANDARD, headers: { ...headers, 'webhook-signature': `v1,${signed.digest('base64')}` } };
    for (const secret of ['whsec_', '%%%', '!']) assert.match(String(refusal({ ...forged, secret })), /no base64/);
  });

  it('finds what is the same in repeated deliveries', () => {
    assert.equal(deliveryIdOf('standard_webhooks', STANDARD.headers, {}), 'msg_p5jXN8AQM9LWM0D4loKWxJek');
    assert.equal(deliveryIdOf('github', { 'x-github-delivery': 'd1' }, {}), 'd1');
    assert.equal(deliveryIdOf('stripe', {}, { id: 'evt_1' }), 'evt_1');
    assert.equal(deliveryIdOf('slack', {}, { event_id: 'Ev1' }), 'Ev1');
    assert.equal(deliveryIdOf('slack', {}, 'text'), undefined);
    assert.equal(deliveryIdOf('basic', {}, { id: 'x' }), undefined);
    assert.equal(deliveryIdOf(undefined, {}, null), undefined);
  });
});
