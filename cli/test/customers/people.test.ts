import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDefinitions } from '../../src/customers/definition-file.ts';
import { nameOfPerson, questionsFor } from '../../src/customers/people.ts';
import { warningLines } from '../../src/customers/problems.ts';
import { traitText } from '../../src/customers/traits.ts';
import { CommandFault } from '../../src/failure.ts';

describe('how a person is named', () => {
  it('is told by its form', () => {
    const cases: readonly (readonly [string, readonly object[]])[] = [
      ['userId:u1', [{ userId: 'u1' }]],
      ['anonymousId:a:b', [{ anonymousId: 'a:b' }]],
      ['email:ada@shop.example', [{ email: 'ada@shop.example' }]],
      ['external.crm_id:42', [{ externalId: { type: 'crm_id', id: '42' } }]],
      ['ada@shop.example', [{ email: 'ada@shop.example' }]],
      ['+49 30 1234567', [{ phone: '+49 30 1234567' }]],
      ['p3f1c0de5', []],
      ['userId:', []],
      ['other:1', []],
    ];
    for (const [text, questions] of cases) assert.deepEqual(questionsFor(text), questions, text);
  });

  it('is shown by the name that is known', () => {
    assert.equal(nameOfPerson({ traits: { firstName: 'Ada', lastName: 'Lovelace', email: 'a@b.example' } }), 'Ada Lovelace');
    assert.equal(nameOfPerson({ traits: { email: 'a@b.example', firstName: 7 } }), 'a@b.example');
    assert.equal(nameOfPerson({ traits: {} }), '');
  });
});

describe('definitions in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tendril-definitions-'));
  after(() => rmSync(folder, { recursive: true }));
  const read = (text: string): ReturnType<typeof readDefinitions> => {
    const path = join(folder, 'file.yaml');
    writeFileSync(path, text);
    return readDefinitions(path);
  };

  it('are one or several, in YAML or JSON', () => {
    assert.deepEqual(read('name: a\ncondition: "true"'), [{ name: 'a', condition: 'true' }]);
    assert.deepEqual(read('[{"name": "a"}, {"name": "b"}]'), [{ name: 'a' }, { name: 'b' }]);
  });

  it('are refused with their place when they are neither', () => {
    assert.throws(
      () => read('name: a\ncondition: [1'),
      (error) => error instanceof CommandFault && /file\.yaml:2:\d+ is not YAML/.test(error.message),
    );
    for (const text of ['', '[]', 'just words', '[1]']) assert.throws(() => read(text), /holds no definition/, text);
  });
});

describe('texts of definitions', () => {
  it('say what a trait is made of', () => {
    assert.equal(
      traitText({ event: 'Order Completed', aggregate: 'sum', property: 'total', where: 'properties.total > 0', window: '90d' }),
      'sum of total of Order Completed where properties.total > 0 in 90d',
    );
  });

  it('say what a warning is about', () => {
    assert.deepEqual(warningLines([{ message: 'odd', start: 0, end: 4 }, { message: 'all of it' }], 'plan == 1'), [
      'warning: `plan`: odd',
      'warning: all of it',
    ]);
  });
});
