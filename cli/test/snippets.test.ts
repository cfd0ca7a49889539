import assert from 'node:assert/strict';
import { detectKind, isSnippetKind, snippet, SNIPPETS } from '../src/snippets.ts';

describe('the lines that attach an application', () => {
  for (const kind of Object.keys(SNIPPETS).filter(isSnippetKind)) {
    it(`name the hub and the write key, for ${kind}`, () => {
      const lines = snippet(kind, 'http://hub.example:4000', 'tw_key');
      assert.match(lines, /http:\/\/hub\.example:4000/);
      assert.match(lines, /tw_key/);
      // TENDRIL_HOST is where the hub itself binds to.
      assert.doesNotMatch(lines, /TENDRIL_HOST/);
    });
  }

  it('fit what lies in the folder', () => {
    const of = (...names: readonly string[]) => detectKind((name) => names.includes(name));
    assert.equal(of('requirements.txt'), 'flask');
    assert.equal(of('pyproject.toml', 'package.json'), 'flask');
    assert.equal(of('index.html'), 'web');
    assert.equal(of('index.html', 'package.json'), 'node');
    assert.equal(of(), 'node');
  });

  it('are for kinds that it knows', () => {
    assert.equal(isSnippetKind('node'), true);
    assert.equal(isSnippetKind('toString'), false);
    assert.equal(isSnippetKind(undefined), false);
  });
});
