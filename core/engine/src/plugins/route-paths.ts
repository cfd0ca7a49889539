const PARAMETER = /^\{([a-z][a-zA-Z0-9_]*)\}$/;

/** Names of the parameters of a route's path, in order; `undefined` when a segment is no plain text and no `{name}`. */
export function parametersOf(path: string): readonly string[] | undefined {
  const names: string[] = [];
  for (const segment of path.split('/')) {
    const name = PARAMETER.exec(segment)?.[1];
    if (name !== undefined) names.push(name);
    else if (/[{}]/.test(segment)) return undefined;
  }
  return names;
}

/** The same for paths that match the same addresses. */
export function shapeOf(path: string): string {
  return path
    .split('/')
    .map((segment) => (PARAMETER.test(segment) ? '{}' : segment))
    .join('/');
}

/** @param path as it came, percent-encoded @returns the parameters, decoded; `undefined` when the path is another one */
export function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const parameters: [string, string][] = [];
  for (const [index, segment] of wanted.entries()) {
    const value = decode(given[index] ?? '');
    const name = PARAMETER.exec(segment)?.[1];
    if (value === undefined) return undefined;
    if (name === undefined && value !== segment) return undefined;
    if (name !== undefined && value === '') return undefined;
    if (name !== undefined) parameters.push([name, value]);
  }
  return Object.fromEntries(parameters);
}

/** Orders paths that match the same address: what is literal further left goes first. */
export function compareShapes(a: string, b: string): number {
  const others = b.split('/');
  for (const [index, segment] of a.split('/').entries()) {
    const [isOpen, isOtherOpen] = [PARAMETER.test(segment), PARAMETER.test(others[index] ?? '')];
    if (isOpen !== isOtherOpen) return isOpen ? 1 : -1;
  }
  return 0;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
