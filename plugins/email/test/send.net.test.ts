import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { checkSend } from '../src/actions/check-send.ts';
import { send } from '../src/actions/send.ts';
import { verify } from '../src/actions/verify.ts';
import { emailCall } from './email-call.ts';
import { refusal, startMailServer } from './mail-server.ts';
import type { MailServerUnderTest } from './mail-server.ts';

describe('email.send', () => {
  let server: MailServerUnderTest;
  const values = () => ({ host: '127.0.0.1', port: server.port, from: 'Example Bank <news@example.invalid>' });

  beforeEach(async () => {
    server = await startMailServer();
  });
  afterEach(() => server.close());

  it('sends both parts to the address of the permit, with the way out', async () => {
    const call = emailCall({ values: values(), settings: { footer: 'Example Bank, 1 High Street', replyTo: 'help@example.invalid' } });
    const { messageId } = await send(
      {
        person: 'p1',
        subject: 'Grüße {{ profile.traits.firstName }}',
        html: '<html><body><p>Hello {{ profile.traits.firstName }}</p></body></html>',
      },
      call,
    );
    const [received] = server.mails;
    assert.deepEqual(received?.recipients, ['ada@example.invalid']);
    const { mail, raw } = received;
    assert.equal(mail.subject, 'Grüße Ada <b>');
    assert.equal(mail.messageId, `<${messageId}>`);
    assert.match(messageId, /^[0-9a-f]{40}@example\.invalid$/);
    assert.match(
      String(mail.html),
      /<p>Hello Ada &lt;b&gt;<\/p><hr>.*1 High Street<br><a href="https:\/\/hub\.example\/u\?t=a&#38;b=1">Unsubscribe<\/a>.*<\/body>/,
    );
    assert.match(mail.text ?? '', /^Hello Ada <b>\n\n-- \nExample Bank, 1 High Street\nUnsubscribe: https:\/\/hub\.example\/u\?t=a&b=1/);
    assert.match(raw.replaceAll(/\r\n[ \t]+/g, ' '), /^List-Unsubscribe: <https:\/\/hub\.example\/u\?t=a&b=1>\r$/m);
    assert.match(raw, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
    assert.equal(mail.replyTo?.text, 'help@example.invalid');
    assert.equal(mail.from?.text, '"Example Bank" <news@example.invalid>');
  });

  it('has the same Message-ID for every attempt at the same work, and another one for other work', async () => {
    const ids = [];
    for (const idempotencyKey of ['k-1', 'k-1', 'k-2'])
      ids.push((await send({ person: 'p1', subject: 'a', text: 'b' }, emailCall({ values: values(), idempotencyKey }))).messageId);
    assert.equal(ids[0], ids[1]);
    assert.notEqual(ids[0], ids[2]);
  });

  for (const [what, input, address] of [
    [
      'a subject that a variable breaks in two',
      { person: 'p1', subject: 'Hi {{ name }}', text: 'b', variables: { name: 'x\r\nBcc: eve@example.invalid' } },
      undefined,
    ],
    ['an address that is two', { person: 'p1', subject: 'Hi', text: 'b' }, 'ada@example.invalid, eve@example.invalid'],
    ['an address with a line break', { person: 'p1', subject: 'Hi', text: 'b' }, 'ada@example.invalid\r\nRCPT TO:<eve@example.invalid>'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(send(input, emailCall({ values: values(), ...(address === undefined ? {} : { address }) })), {
        code: 'INPUT_INVALID',
      });
      assert.equal(server.mails.length, 0);
    });
  }

  it('refuses a sender with a line break', async () => {
    const call = emailCall({ values: { ...values(), from: 'Bank <news@example.invalid>\r\nBcc: eve@example.invalid' } });
    await assert.rejects(send({ person: 'p1', subject: 'Hi', text: 'b' }, call), {
      code: 'CONNECTION_INVALID',
      details: { field: 'from' },
    });
  });

  it('tells who may be tried again from who may not', async () => {
    for (const [responseCode, code] of [
      [450, 'UPSTREAM_UNAVAILABLE'],
      [550, 'UPSTREAM_REJECTED'],
      [421, 'UPSTREAM_UNAVAILABLE'],
    ] as const) {
      const refusing = await startMailServer({ onRcptTo: (_address, _session, callback) => callback(refusal(responseCode)) });
      const call = emailCall({ values: { ...values(), port: refusing.port } });
      await assert.rejects(send({ person: 'p1', subject: 'Hi', text: 'b' }, call), (error: Error & { code: string; details: object }) => {
        assert.equal(error.code, code);
        assert.equal((error.details as { isWithoutEffect?: boolean }).isWithoutEffect, true);
        assert.doesNotMatch(JSON.stringify([error.message, error.details]), /ada@/);
        return true;
      });
      await refusing.close();
    }
  });

  it('takes a refused login as a matter for the operator, also when asked to verify', async () => {
    const closed = await startMailServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: (auth, _session, callback) => callback(auth.password === 'right' ? null : refusal(535), { user: 'u' }),
    });
    const login = (password: string) => emailCall({ values: { ...values(), port: closed.port, user: 'u', password } });
    await assert.rejects(send({ person: 'p1', subject: 'Hi', text: 'b' }, login('wrong')), { code: 'UPSTREAM_UNAUTHORIZED' });
    await assert.rejects(verify({}, login('wrong')), { code: 'UPSTREAM_UNAUTHORIZED' });
    assert.deepEqual(await verify({}, login('right')), { isWorking: true });
    await closed.close();
  });

  it('says that a server that is not there may be tried again', async () => {
    const gone = await startMailServer();
    await gone.close();
    await assert.rejects(send({ person: 'p1', subject: 'Hi', text: 'b' }, emailCall({ values: { ...values(), port: gone.port } })), {
      code: 'UPSTREAM_UNAVAILABLE',
      details: { reason: 'ESOCKET', isWithoutEffect: true },
    });
  });

  it('leaves open whether a mail was taken whose connection broke before the answer', async () => {
    const sockets: Socket[] = [];
    const dropping = await startMailServer({
      onData: (stream) => {
        stream.resume();
        stream.on('end', () => {
          for (const socket of sockets) socket.destroy();
        });
      },
    });
    dropping.onConnection((socket) => sockets.push(socket));
    await assert.rejects(
      send({ person: 'p1', subject: 'Hi', text: 'b' }, emailCall({ values: { ...values(), port: dropping.port } })),
      (error: Error & { code: string; details: object }) => {
        assert.equal(error.code, 'UPSTREAM_UNAVAILABLE');
        assert.ok(!('isWithoutEffect' in error.details));
        return true;
      },
    );
    await dropping.close();
  });
});

describe('the check of email.send', () => {
  const values = { host: '127.0.0.1', from: 'news@example.invalid', sinkUrl: 'http://127.0.0.1:8025' };
  const input = { person: 'p1', subject: 'Hi', text: 'b' };

  it('asks the sink by Message-ID', async () => {
    let asked = '';
    const found = await checkSend(
      input,
      emailCall({
        values,
        fetch: (request) => {
          asked = request.url;
          return new Response('{}', { status: 200 });
        },
      }),
    );
    assert.equal(found.effect, 'happened');
    assert.equal(asked, `http://127.0.0.1:8025/mails/by-message-id/${encodeURIComponent(found.output.messageId)}`);
    assert.deepEqual(await checkSend(input, emailCall({ values, fetch: () => new Response(null, { status: 404 }) })), { effect: 'absent' });
    await assert.rejects(async () => checkSend(input, emailCall({ values, fetch: () => new Response(null, { status: 502 }) })), {
      code: 'UPSTREAM_UNAVAILABLE',
    });
  });

  it('does not know without a sink', async () => {
    assert.deepEqual(await checkSend(input, emailCall({ values: { host: values.host, from: values.from } })), { effect: 'unknown' });
  });
});
