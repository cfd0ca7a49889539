/** A signature, taken apart. */
export interface Signature {
  /** Type of the receiver of a method. */
  readonly receiver: string | undefined;
  /** With its namespace: `math.round`. */
  readonly name: string;
  readonly parameters: readonly string[];
  readonly result: string;
}

const FORM = /^(?:([\w<>, ]+)\.)?(\w+)\((.*)\) -> (.+)$/;
const TYPES = /^(?:string|bytes|bool|int|uint|double|number|whole|list(?:<\w+>)?|map|timestamp|duration|type|dyn|[A-Z])$/;

/** Reads `string.trim() -> string`. @throws TypeError when it is no signature: a fault of ours */
export function parseSignature(signature: string): Signature {
  const match = FORM.exec(signature);
  if (match === null) throw new TypeError(`not a signature: ${signature}`);
  const [, prefix, bare = '', parameters = '', result = ''] = match;
  const isMethod = prefix !== undefined && TYPES.test(prefix);
  return {
    receiver: isMethod ? prefix : undefined,
    name: prefix === undefined || isMethod ? bare : `${prefix}.${bare}`,
    parameters: parameters === '' ? [] : parameters.split(/, (?![^<]*>)/),
    result,
  };
}

const LIBRARY_NAMES: Readonly<Record<string, string>> = {
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
  list: 'list<dyn>',
  map: 'map<dyn, dyn>',
};

/** The declarations for the CEL library's type checker: `number` stands for int or double there. */
export function declarationsOf(signature: string): readonly string[] {
  const { receiver, name, parameters, result } = parseSignature(signature);
  const [namespace, bare] = name.includes('.') ? (name.split('.') as [string, string]) : [undefined, name];
  const prefix = namespace === undefined ? receiver : namespaceType(namespace);
  const types = combinations(parameters.map((type) => (type === 'number' || type === 'whole' ? ['int', 'double'] : [libraryName(type)])));
  return types.map(
    (chosen) => `${prefix === undefined ? '' : `${libraryName(prefix)}.`}${bare}(${chosen.join(', ')}): ${libraryName(result)}`,
  );
}

/** The name of the type that stands for a namespace. */
export function namespaceType(namespace: string): string {
  return `${namespace.charAt(0).toUpperCase()}${namespace.slice(1)}Namespace`;
}

function libraryName(type: string): string {
  return LIBRARY_NAMES[type] ?? type;
}

function combinations(choices: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return choices.reduce<readonly (readonly string[])[]>(
    (rows, options) => rows.flatMap((row) => options.map((option) => [...row, option])),
    [[]],
  );
}
