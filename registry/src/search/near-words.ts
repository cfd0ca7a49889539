const SHORTEST = 4;
const LONG = 8;

/**
 * The words nearest to one that may be misspelt: by one letter, by two from eight letters on, two that changed places counting as one.
 * None for words of three letters or fewer.
 */
export function nearWords(word: string, words: Iterable<string>): readonly string[] {
  if (word.length < SHORTEST) return [];
  let most = word.length >= LONG ? 2 : 1;
  let nearest: string[] = [];
  for (const other of words) {
    if (Math.abs(other.length - word.length) > most || other.length < SHORTEST - 1) continue;
    const distance = distanceWithin(word, other, most);
    if (distance > most) continue;
    if (distance < most) nearest = [];
    most = distance;
    nearest.push(other);
  }
  return nearest;
}

/** @see optimal string alignment: Levenshtein's distance with neighbours that changed places */
function distanceWithin(one: string, other: string, most: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const line = [row];
    let least = row;
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      let cost = Math.min((last[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (isSame ? 0 : 1));
      if (row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1])
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      line.push(cost);
      least = Math.min(least, cost);
    }
    if (least > most) return most + 1;
    beforeLast = last;
    last = line;
  }
  return last[other.length] ?? most + 1;
}
