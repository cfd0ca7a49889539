import assert from 'node:assert/strict';
import { showControls } from '../src/show-controls.ts';

describe('what others wrote', () => {
  it('commands no terminal', () => {
    assert.equal(showControls('\u001b]0;owned\u0007 \u009b31m\rAda'), '\\u001b]0;owned\\u0007 \\u009b31m\\u000dAda');
    assert.equal(showControls('a\u202Eb\u2066c'), 'a\\u202eb\\u2066c');
  });

  it('is otherwise shown as it is', () => {
    for (const text of ['Jörg 田中 👩‍🔬', 'two\nlines\tand a tab', '']) assert.equal(showControls(text), text);
    assert.equal(showControls('one\r\ntwo'), 'one\ntwo');
  });
});
