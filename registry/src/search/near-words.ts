const SHORTEST = 4;
const LONG = 8;
// Distances are kept in bytes.
const LONGEST = 60;

/**
 * The words nearest to one that may be misspelt: by one letter, by two from eight letters on, two that changed places counting as one.
 * None for words of three letters or fewer.
 */
export function nearWords(word: string, words: Iterable<string>): readonly string[] {
  if (word.length < SHORTEST || word.length > LONGEST) return [];
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
  const width = other.length + 1;
  let [beforeLast, last, line] = [new Uint8Array(width), Uint8Array.from({ length: width }, (_, index) => index), new Uint8Array(width)];
  for (let row = 1; row <= one.length; row += 1) {
    line[0] = row;
    let least = row;
    for (let column = 1; column < width; column += 1) {
      const isSame = one.charCodeAt(row - 1) === other.charCodeAt(column - 1);
      let cost = Math.min(at(last, column) + 1, at(line, column - 1) + 1, at(last, column - 1) + (isSame ? 0 : 1));
      const isSwapped =
        row > 1 &&
        column > 1 &&
        one.charCodeAt(row - 1) === other.charCodeAt(column - 2) &&
        one.charCodeAt(row - 2) === other.charCodeAt(column - 1);
      if (isSwapped) cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      line[column] = cost;
      least = Math.min(least, cost);
    }
    if (least > most) return most + 1;
    [beforeLast, last, line] = [last, line, beforeLast];
  }
  return at(last, other.length);
}

function at(costs: Uint8Array, index: number): number {
  return costs[index] ?? 0;
}
