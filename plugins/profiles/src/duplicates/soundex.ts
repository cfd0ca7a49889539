const CODES: Readonly<Record<string, string>> = {
  ...codesOf('bfpv', '1'),
  ...codesOf('cgjkqsxz', '2'),
  ...codesOf('dt', '3'),
  ...codesOf('l', '4'),
  ...codesOf('mn', '5'),
  ...codesOf('r', '6'),
};
const LENGTH = 4;

/**
 * How a name sounds: its first letter and three digits, as `r163` for Robert and Rupert. Letters of other scripts have no
 * code, so that a name of none but these is known by its first four letters. Empty for a text without letters.
 *
 * @see National Archives, The Soundex Indexing System, 2007: `h` and `w` do not part letters of one code, vowels do
 */
export function soundex(name: string): string {
  const letters = name.toLowerCase().replaceAll(/[^\p{L}]/gu, '');
  if (!/^[a-z]/.test(letters)) return Array.from(letters).slice(0, LENGTH).join('');
  let code = letters.charAt(0);
  let last = CODES[code] ?? '';
  for (let at = 1; at < letters.length && code.length < LENGTH; at += 1) {
    const letter = letters.charAt(at);
    if (letter === 'h' || letter === 'w') continue;
    const digit = CODES[letter] ?? '';
    if (digit !== '' && digit !== last) code += digit;
    last = digit;
  }
  return code.padEnd(LENGTH, '0');
}

function codesOf(letters: string, digit: string): Readonly<Record<string, string>> {
  return Object.fromEntries(letters.split('').map((letter) => [letter, digit]));
}
