import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { TendrilError } from '@tendril/plugin-api';
import { CommandFault, describeFailure, failureText } from '../src/failure.ts';
import { HubUnreachable } from '../src/hub-client.ts';
import { parseJsonObject } from '../src/input.ts';

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('a failure of a command', () => {
  const exitOf = (error: unknown) => describeFailure(error).exit;

  it('has an exit code that says what to do', () => {
    assert.equal(exitOf(new TendrilError('RUN_UNKNOWN')), 3);
    assert.equal(exitOf(new TendrilError('UPSTREAM_UNAUTHORIZED')), 3);
    assert.equal(exitOf(new TendrilError('OVERLOADED')), 5);
    assert.equal(exitOf(new TendrilError('INTERNAL')), 1);
    assert.equal(exitOf(new HubUnreachable('gone')), 4);
    assert.equal(exitOf(new CommandFault('no')), 3);
    assert.equal(exitOf(Object.assign(new Error('Nonexistent flag'), { oclif: { exit: 2 } })), 2);
    assert.equal(exitOf(new RangeError('a mistake of ours')), 1);
    assert.equal(exitOf('a text'), 1);
  });

  it('names a file that cannot be used', () => {
    const failure = describeFailure(thrownBy(() => readFileSync('/nowhere/at-all')));
    assert.deepEqual(failure, {
      message: '/nowhere/at-all cannot be used: there is nothing of this name.',
      exit: 3,
      code: 'FILE_UNUSABLE',
    });
  });

  it('is told with its details, problems one a line', () => {
    const problems = [
      { pointer: '/to', message: 'is missing.' },
      { pointer: '', message: 'There is no `a`.', suggestion: 'b' },
    ];
    assert.equal(
      failureText(describeFailure(new TendrilError('ACTION_INPUT_INVALID', { action: 'a.b', problems }))),
      'Error: The input does not match the schema of the action.\n  action: a.b\n  problems:\n    /to: is missing.\n    (the whole): There is no `a`. Did you mean `b`?\n(ACTION_INPUT_INVALID)',
    );
  });

  it('names what is not there, as far as the hub said it', () => {
    assert.equal(describeFailure(new TendrilError('NOT_FOUND', { field: 'id', person: 'p1' })).message, 'There is no person `p1`.');
    assert.equal(describeFailure(new TendrilError('NOT_FOUND', { field: 'id' })).message, 'There is no such thing.');
    const version = new TendrilError('NOT_FOUND', { field: 'version', place: 'home', kept: 20 });
    assert.equal(describeFailure(version).message, 'There is no such thing.');
  });

  it('is a wrong command line when JSON was expected', () => {
    assert.equal(exitOf(thrownBy(() => parseJsonObject('{', '--input'))), 2);
    assert.equal(exitOf(thrownBy(() => parseJsonObject('[]', '--input'))), 2);
    assert.deepEqual(parseJsonObject('{"a":1}', '--input'), { a: 1 });
  });
});
