import assert from 'node:assert/strict';
import type { PutRow, TableSpec } from '@tendril/engine/ports';
import { ChangePacker, unpackChanges } from '../src/work/packed-changes.ts';

const table: TableSpec = { name: 'shop.orders', key: 'id', indexes: { by_state: { fields: ['state'] } }, personal: [] };
const row = { id: 'o1', state: 'open', total: 5, note: 'n' };
const asText: PutRow = { op: 'put', table, value: row, text: { json: JSON.stringify(row), members: { id: 'o1', state: 'open' } } };

function pack(packer: ChangePacker, change: PutRow): unknown {
  return unpackChanges(packer.pack([change]))[0];
}

describe('changes on their way to a worker', () => {
  it('are the same whether a row is at hand as text or not', () => {
    const packer = new ChangePacker();
    packer.define([table]);
    const expected = { op: 'put', table: table.name, value: { id: 'o1', state: 'open' }, json: JSON.stringify(row) };
    assert.deepEqual(pack(packer, asText), expected);
    assert.deepEqual(pack(packer, { op: 'put', table, value: row }), expected);
    assert.deepEqual(pack(packer, { ...asText, expect: 4 }), { ...expected, expect: 4 });
  });

  it('hold all members that any definition of the table asks for', () => {
    const packer = new ChangePacker();
    packer.define([table]);
    pack(packer, asText);
    packer.define([{ ...table, indexes: { ...table.indexes, by_total: { fields: ['total'] } } }]);
    assert.deepEqual(pack(packer, asText), {
      op: 'put',
      table: table.name,
      value: { id: 'o1', state: 'open', total: 5 },
      json: JSON.stringify(row),
    });
  });
});
