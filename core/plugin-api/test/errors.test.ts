import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { CATALOGUE, definePlugin, TendrilError } from '../src/index.ts';

describe('the catalogue of errors', () => {
  it('has codes of the form SUBJECT_PROBLEM, statuses of failures, and texts without values', () => {
    for (const [code, { status, text }] of Object.entries(CATALOGUE)) {
      assert.match(code, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
      assert.ok(status >= 400 && status < 600, code);
      assert.match(text, /^[A-Z].*\.$/, code);
      assert.doesNotMatch(text, /\$\{|%s/, code);
    }
  });

  it('is documented, each code once, and nothing else is', () => {
    const page = readFileSync(new URL('../../../docs/reference/errors.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(([, code]) => code);
    assert.deepEqual(documented, Object.keys(CATALOGUE));
  });
});

describe('TendrilError', () => {
  it('is recognised whichever copy of the package made it', () => {
    const foreign = { [Symbol.for('tendril.TendrilError')]: true, code: 'NOT_FOUND' };
    assert.ok(TendrilError.is(new TendrilError('NOT_FOUND')));
    assert.ok(TendrilError.is(foreign));
    assert.equal(TendrilError.is(new Error('NOT_FOUND')), false);
    assert.equal(TendrilError.is(undefined), false);
  });

  it('carries the text of its code, details and cause', () => {
    const cause = new Error('socket closed');
    const error = new TendrilError('UPSTREAM_UNAVAILABLE', { service: 'salesforce' }, { cause });
    assert.equal(error.message, CATALOGUE.UPSTREAM_UNAVAILABLE.text);
    assert.deepEqual(error.details, { service: 'salesforce' });
    assert.equal(error.cause, cause);
  });
});

describe('definePlugin', () => {
  it('gives back the plugin', () => {
    const plugin = { setup: () => undefined };
    assert.equal(definePlugin(plugin), plugin);
  });
});
