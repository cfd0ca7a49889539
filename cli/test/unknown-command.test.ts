import assert from 'node:assert/strict';
import { commands } from '../src/commands/index.ts';
import { unknownCommand } from '../src/unknown-command.ts';

describe('a command that does not exist', () => {
  it('is answered with the nearest one', async () => {
    const { message, exit } = await unknownCommand('pipelines:depoly', Object.keys(commands));
    assert.equal(exit, 2);
    assert.match(message, /Did you mean `tendril pipelines deploy`\?/);
  });

  it('is answered without one when nothing is near', async () => {
    assert.doesNotMatch((await unknownCommand('xyzzy', Object.keys(commands))).message, /mean/);
  });
});

describe('every command', () => {
  for (const [id, command] of Object.entries(commands)) {
    it(`says what it does: ${id}`, () => {
      assert.ok((command.description ?? '').length > 10);
      assert.equal(command.enableJsonFlag, true);
      for (const flag of Object.values({ ...command.flags })) assert.ok((flag.description ?? '').length > 0);
      for (const argument of Object.values({ ...command.args })) assert.ok((argument.description ?? '').length > 0);
    });
  }
});
