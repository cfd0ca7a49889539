/** A message in protobuf's text form: each field with its values in order. */
export type Message = ReadonlyMap<string, readonly (Message | Scalar)[]>;

/** A number or name as it is written, or the bytes of a text. */
export type Scalar = string | Uint8Array;

const TOKEN = /\s+|#[^\n]*|("(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*')|([\w.+-]+)|([{}:,;<>[\]/])/y;

/** Reads a file in protobuf's text form. @throws Error at what it does not know */
export function readTextproto(text: string): Message {
  const reader = new Reader(tokensOf(text));
  return reader.message();
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new Error(`textproto: ${text.slice(at, at + 40)}`);
    const token = match[1] ?? match[2] ?? match[3];
    if (token !== undefined && token !== ',' && token !== ';') tokens.push(token);
  }
  return tokens;
}

class Reader {
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  message(): Message {
    const fields = new Map<string, (Message | Scalar)[]>();
    for (let token = this.#next(); token !== undefined && token !== '}'; token = this.#next()) {
      const name = token === '[' ? this.#extensionName() : token;
      if (this.#tokens[this.#position] === ':') this.#position += 1;
      const values = fields.get(name) ?? [];
      values.push(this.#value());
      fields.set(name, values);
    }
    return fields;
  }

  #next(): string | undefined {
    const token = this.#tokens[this.#position];
    this.#position += 1;
    return token;
  }

  /** `[type.googleapis.com/google.protobuf.Duration]`. */
  #extensionName(): string {
    const parts: string[] = [];
    for (let token = this.#next(); token !== undefined && token !== ']'; token = this.#next()) parts.push(token);
    return `[${parts.join('')}]`;
  }

  #value(): Message | Scalar {
    const token = this.#next();
    if (token === '{') return this.message();
    if (token === undefined) throw new Error('textproto: ends too early');
    if (!/^["']/.test(token)) return token;
    const pieces = [bytesOf(token)];
    for (let next = this.#tokens[this.#position]; next !== undefined && /^["']/.test(next); next = this.#tokens[this.#position]) {
      pieces.push(bytesOf(next));
      this.#position += 1;
    }
    return new Uint8Array(Buffer.concat(pieces));
  }
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };
const PART = /\\(?:[xX]([0-9a-fA-F]{1,2})|([0-7]{1,3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^]))|([^\\]+)/g;

function bytesOf(token: string): Uint8Array {
  const parts = [...token.slice(1, -1).matchAll(PART)].map(([, hex, octal, short, long, escape = '', plain]) => {
    if (plain !== undefined) return Buffer.from(plain);
    if (hex !== undefined) return Uint8Array.of(Number.parseInt(hex, 16));
    if (octal !== undefined) return Uint8Array.of(Number.parseInt(octal, 8));
    const point = short ?? long;
    if (point !== undefined) return Buffer.from(String.fromCodePoint(Number.parseInt(point, 16)));
    const code = ESCAPES[escape];
    return code === undefined ? Buffer.from(escape) : Uint8Array.of(code);
  });
  return new Uint8Array(Buffer.concat(parts));
}
