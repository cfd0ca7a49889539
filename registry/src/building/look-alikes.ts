/** Pairs of ids that a hurried person takes for one another, the id that is new first. */
export function lookAlikes(known: Iterable<string>, added: Iterable<string>): readonly (readonly [string, string])[] {
  const firstByShape = new Map<string, string>();
  for (const id of known) firstByShape.set(shapeOf(id), id);
  return [...added].flatMap((id) => {
    const shape = shapeOf(id);
    const other = firstByShape.get(shape);
    firstByShape.set(shape, other ?? id);
    return other === undefined || other === id ? [] : [[id, other] as const];
  });
}

function shapeOf(id: string): string {
  return id.replaceAll('_', '').replaceAll('0', 'o').replace(/[1i]/g, 'l').replaceAll('rn', 'm').replaceAll('vv', 'w').replaceAll('5', 's');
}
