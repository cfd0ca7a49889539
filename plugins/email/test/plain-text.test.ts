import assert from 'node:assert/strict';
import { toPlainText } from '../src/plain-text.ts';

const CHARACTERS = 500_000;
const MOST_MS = 2_000;

describe('the plain part of a mail', () => {
  it('is made in a time that grows with the HTML only, whatever it is', () => {
    const startedAt = performance.now();
    for (const piece of [
      '<style ',
      '<!--',
      '<a href="x">',
      '<a ',
      '<li',
      '<',
      '</td ',
      '&#32;',
      '<a href="x" href="x" ',
      '</style',
      "<a href='",
    ])
      toPlainText(piece.repeat(CHARACTERS / piece.length));
    assert.ok(performance.now() - startedAt < MOST_MS);
  });

  it('leaves out what nobody sees, and keeps what is not closed', () => {
    assert.equal(toPlainText('<title>T</title>a<!-- b --><style>c{}</style >d <b>e'), 'ad e');
    assert.equal(toPlainText('a <!-- b'), 'a <!-- b');
  });

  it('keeps the address of a link behind its words', () => {
    assert.equal(
      toPlainText('<a class="b" href = \'https://shop.example/\'>to the <b>shop</b></a>'),
      'to the shop (https://shop.example/)',
    );
    assert.equal(toPlainText('<a name="x">here</a>'), 'here');
  });
});
