import assert from 'node:assert/strict';
import { readSettings, withSettings } from '../src/settings-file.ts';

describe('an .env file', () => {
  it('is read with quotes, spaces and export', () => {
    assert.deepEqual(readSettings('A=1\r\nexport B = "two words"\n# C=3\nnot a line\nD=\'x\'\nE=\n'), {
      A: '1',
      B: 'two words',
      D: 'x',
      E: '',
    });
  });

  it('keeps every other line when some are set', () => {
    const text = '# mine\nA=1\nexport B=2\n\n';
    assert.equal(withSettings(text, { B: '3', C: '4' }), '# mine\nA=1\nB=3\nC=4\n');
    assert.equal(withSettings('', { A: '1' }), 'A=1\n');
  });

  it('comes out the same when it is set twice', () => {
    const once = withSettings('X=0\n', { A: '1' });
    assert.equal(withSettings(once, { A: '1' }), once);
  });
});
