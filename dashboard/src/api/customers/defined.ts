/** Without members that are undefined, which JSON has none of and schemas refuse. */
export function defined<Input extends object>(input: Input): Partial<Input> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Partial<Input>;
}
