import assert from 'node:assert/strict';
import { getTemplate } from '../src/actions/get-template.ts';
import { listTemplates } from '../src/actions/list-templates.ts';
import { preview } from '../src/actions/preview.ts';
import { putTemplate } from '../src/actions/put-template.ts';
import { toPlainText } from '../src/plain-text.ts';
import { emailCall } from './email-call.ts';

describe('templates of email', () => {
  it('are kept with a version that counts changes only', async () => {
    const first = emailCall({});
    const input = { name: 'welcome', subject: 'Welcome', html: '<p>Hello</p>' };
    assert.deepEqual(await putTemplate(input, first), { name: 'welcome', version: 1 });
    const second = first.next();
    assert.deepEqual(await putTemplate(input, second), { name: 'welcome', version: 1 });
    assert.deepEqual(await putTemplate({ ...input, subject: 'Hi' }, second), { name: 'welcome', version: 2 });
    const call = second.next();
    assert.equal((await getTemplate({ name: 'welcome' }, call)).subject, 'Hi');
    assert.equal((await listTemplates({}, call)).items.length, 1);
    await assert.rejects(getTemplate({ name: 'nothing' }, call), { code: 'NOT_FOUND' });
  });

  it('are refused when they are no Liquid, with part and line', async () => {
    await assert.rejects(putTemplate({ name: 'a', subject: 'a', html: '<p>\n{% if %}' }, emailCall({})), { code: 'INPUT_INVALID' });
    await assert.rejects(
      putTemplate({ name: 'a', subject: 'a', text: '{{ x | nothing }}' }, emailCall({})),
      (error: Error & { details: Record<string, unknown> }) => {
        assert.equal(error.details['field'], 'text');
        assert.equal(error.details['line'], 1);
        return true;
      },
    );
  });

  it('escape values in HTML and not in plain text', async () => {
    const shown = await preview({ subject: 'a', html: '<p>{{ x }}</p>', text: '{{ x }}', variables: { x: '<script>' } }, emailCall({}));
    assert.match(shown.html ?? '', /^<p>&lt;script&gt;<\/p>/);
    assert.match(shown.text, /^<script>\n/);
  });

  it('say which variable is missing, and take a default', async () => {
    await assert.rejects(preview({ subject: 'a', text: '{{ profile.traits.nick }}', person: 'p1' }, emailCall({})), {
      code: 'INPUT_INVALID',
      details: { field: 'text', reason: 'a variable is missing', variable: 'profile.traits.nick', line: 1 },
    });
    assert.match(
      (await preview({ subject: 'a', text: "Dear {{ profile.traits.nick | default: 'friend' }}", person: 'p1' }, emailCall({}))).text,
      /^Dear friend/,
    );
  });

  for (const [what, text] of [
    ['files', "{% include '/etc/passwd' %}"],
    ['files by render', "{% render '../../package.json' %}"],
    ['prototypes', '{{ profile.constructor.name }}'],
    ['endless loops', '{% for i in (1..100000000) %}{% for j in (1..100000000) %}x{% endfor %}{% endfor %}'],
  ] as const) {
    it(`cannot reach ${what}`, async () => {
      await assert.rejects(preview({ subject: 'a', text }, emailCall({})), { code: 'INPUT_INVALID' });
    });
  }
});

describe('toPlainText', () => {
  it('keeps lines, lists, links and characters', () => {
    const html =
      '<html><head><title>x</title><style>p{}</style></head><body><h1>Hi&nbsp;Ada</h1><p>One<br>two &amp; &#8364;</p><ul><li>a</li><li>b</li></ul><a href="https://x.example/a?b=1&amp;c=2">Open <b>it</b></a></body></html>';
    assert.equal(toPlainText(html), 'Hi Ada\n\nOne\ntwo & €\n\n- a\n- b\n\nOpen it (https://x.example/a?b=1&c=2)');
  });
});
