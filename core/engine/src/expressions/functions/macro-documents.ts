/** A macro, documented: it looks like a function, but gets its parts unevaluated. */
export interface MacroDocument {
  readonly name: string;
  readonly form: string;
  /** One sentence. */
  readonly summary: string;
  readonly example: string;
  /** What the example gives, as JSON. */
  readonly result: unknown;
}

/** Every macro of expressions. */
export const MACROS: readonly MacroDocument[] = [
  { name: 'has', form: 'has(a.b)', summary: 'Whether a field is there.', example: 'has({"a": 1}.b)', result: false },
  {
    name: 'default',
    form: 'default(value, fallback)',
    summary: 'The value, or the fallback when a field on the way to it is missing or it is null.',
    example: 'default({"a": null}.a, "none")',
    result: 'none',
  },
  {
    name: 'cel.bind',
    form: 'cel.bind(name, value, expression)',
    summary: 'Gives a value a name for use in an expression.',
    example: 'cel.bind(n, 3, n * n)',
    result: 9,
  },
  {
    name: 'all',
    form: 'list.all(x, condition)',
    summary: 'Whether a condition holds for every element (of a map: key); with two names for index and element, or key and value.',
    example: '[1, 2].all(n, n > 0)',
    result: true,
  },
  {
    name: 'exists',
    form: 'list.exists(x, condition)',
    summary: 'Whether a condition holds for some element.',
    example: '{"a": 1, "b": 5}.exists(key, value, value > 3)',
    result: true,
  },
  {
    name: 'exists_one',
    form: 'list.exists_one(x, condition)',
    summary: 'Whether a condition holds for exactly one element; `existsOne` is the same.',
    example: '[1, 2, 3].exists_one(n, n > 2)',
    result: true,
  },
  {
    name: 'filter',
    form: 'list.filter(x, condition)',
    summary: 'The elements for which a condition holds.',
    example: '[1, 2, 3].filter(n, n > 1)',
    result: [2, 3],
  },
  {
    name: 'map',
    form: 'list.map(x, expression)',
    summary: 'What an expression gives for each element; with a condition before it, only for those that meet it.',
    example: '[1, 2, 3].map(n, n > 1, n * 10)',
    result: [20, 30],
  },
  {
    name: 'sortBy',
    form: 'list.sortBy(x, expression)',
    summary: 'The elements in the order of what an expression gives for each.',
    example: '[{"n": 2}, {"n": 1}].sortBy(item, item.n)',
    result: [{ n: 1 }, { n: 2 }],
  },
  {
    name: 'transformList',
    form: 'list.transformList(index, x, expression)',
    summary: 'As `map`, with the index of each element, or key and value of a map.',
    example: '["a", "b"].transformList(i, x, string(i) + x)',
    result: ['0a', '1b'],
  },
  {
    name: 'transformMap',
    form: 'map.transformMap(key, value, expression)',
    summary: 'A map of the same keys with new values.',
    example: '{"a": 1}.transformMap(key, value, value + 1)',
    result: { a: 2 },
  },
  {
    name: 'transformMapEntry',
    form: 'list.transformMapEntry(index, x, map)',
    summary: 'A map made of the entries that an expression gives for each element.',
    example: '["a", "b"].transformMapEntry(i, x, {x: i})',
    result: { a: 0, b: 1 },
  },
];
