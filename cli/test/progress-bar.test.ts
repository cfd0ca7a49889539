import assert from 'node:assert/strict';
import { createProgressBar } from '../src/progress-bar.ts';

describe('a progress bar', () => {
  it('moves on a terminal and goes away', () => {
    let written = '';
    const bar = createProgressBar('Rehearsing', { isTTY: true, write: (text) => (written += text) });
    bar.show(1, 2);
    assert.match(written, /^\rRehearsing █{15}░{15} {2}50 %$/);
    bar.show(3, 2);
    assert.match(written, /100 %$/);
    bar.end();
    assert.ok(written.endsWith('\r\x1b[2K'));
  });

  it('leaves other outputs alone, and shows nothing of nothing', () => {
    let written = '';
    const write = (text: string): unknown => (written += text);
    const bar = createProgressBar('Rehearsing', { write });
    bar.show(1, 2);
    bar.end();
    assert.equal(written, '');
    createProgressBar('Rehearsing', { isTTY: true, write }).show(0, 0);
    assert.match(written, / {3}0 %$/);
  });
});
