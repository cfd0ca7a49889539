import assert from 'node:assert/strict';
import { faultText } from '../src/pipeline-faults.ts';

describe('a fault of a pipeline', () => {
  const fault = { code: 'ACTION_UNKNOWN', message: 'There is no action `a.bc`.', line: 2, column: 4, pointer: '/steps/0' };

  it('names file, line and column, and marks the place below its line', () => {
    assert.equal(
      faultText('p.yaml', 'steps:\r\n  - action: a.bc\r\n', { ...fault, suggestion: 'a.b' }),
      'p.yaml:2:4  There is no action `a.bc`. Did you mean `a.b`?  (ACTION_UNKNOWN)\n      - action: a.bc\n       ^',
    );
  });

  it('keeps tabs, so that the mark stands where it should', () => {
    assert.match(faultText('p.yaml', '\n\t\tx: 1', { ...fault, column: 3 }), /\n {4}\t\tx: 1\n {4}\t\t\^$/);
  });

  it('does without the line when there is none', () => {
    assert.equal(faultText('p.yaml', '', { ...fault, line: 9 }), 'p.yaml:9:4  There is no action `a.bc`.  (ACTION_UNKNOWN)');
  });
});
