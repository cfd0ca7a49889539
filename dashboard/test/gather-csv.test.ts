import assert from 'node:assert/strict';
import { gatherCsv } from '../src/screens/imports/gather-csv.ts';

describe('refused rows as a file', () => {
  it('have each row of each page', async () => {
    const pages = [{ csv: 'row,code\r\n1,too_long\r\n', nextCursor: 'a' }, { csv: '2,too_long\r\n3,too_long\r\n', nextCursor: 'b' }, {}];
    const asked: (string | undefined)[] = [];
    const parts = await gatherCsv(async (cursor) => {
      asked.push(cursor);
      return pages[asked.length - 1] ?? {};
    });
    assert.equal(parts.join(''), 'row,code\r\n1,too_long\r\n2,too_long\r\n3,too_long\r\n');
    assert.deepEqual(asked, [undefined, 'a', 'b']);
  });
});
