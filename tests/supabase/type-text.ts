/**
 * A type, read from the text of its declaration: as much of the language as generators of `Database`
 * write. What has no named members is an atom, with its text.
 */
export type TypeText =
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, TypeText> }
  | { readonly kind: 'list'; readonly of: TypeText }
  | { readonly kind: 'tuple'; readonly items: readonly TypeText[] }
  | { readonly kind: 'union'; readonly of: readonly TypeText[] }
  | { readonly kind: 'atom'; readonly text: string };

/** How generators write an object without members. */
const NO_MEMBER = '[_ in never]: never';

/** The type that a source declares by this name. An optional member's name ends with `?`. */
export function declared(source: string, name: string): TypeText {
  const start = new RegExp(`^export type ${name}(<[^>]*>)? =`, 'm').exec(source);
  if (!start) throw new Error(`No type ${name} is declared.`);
  return new Reader(source.slice(start.index + start[0].length)).type();
}

/** A member, and a member of that. */
export function memberOf(type: TypeText, ...names: readonly string[]): TypeText {
  const [name, ...others] = names;
  if (name === undefined) return type;
  const found = type.kind === 'object' ? type.members.get(name) : undefined;
  if (!found) throw new Error(`There is no member ${name}.`);
  return memberOf(found, ...others);
}

/** What is not taken apart any further, by its path: `Tables.visitors.Row.gclid` is `string | null`. */
export function leaves(type: TypeText, path = ''): Map<string, string> {
  const parts = partsOf(type);
  if (parts.length === 0) return new Map([[path, textOf(type)]]);
  return new Map(
    parts.flatMap(([step, part]) => [...leaves(part, `${path}${step}`.replace(/^\./, ''))]),
  );
}

function partsOf(type: TypeText): (readonly [step: string, part: TypeText])[] {
  if (type.kind === 'object') return [...type.members].map(([name, one]) => [`.${name}`, one]);
  if (type.kind === 'tuple') return type.items.map((item, place) => [`[${place}]`, item]);
  return type.kind === 'list' && type.of.kind === 'object' ? [['[]', type.of]] : [];
}

function textOf(type: TypeText): string {
  switch (type.kind) {
    case 'object':
      return `{ ${[...type.members].map(([name, member]) => `${name}: ${textOf(member)}`).join('; ')} }`;
    case 'list':
      return `${type.of.kind === 'union' ? `(${textOf(type.of)})` : textOf(type.of)}[]`;
    case 'tuple':
      return `[${type.items.map(textOf).join(', ')}]`;
    case 'union':
      return type.of.map(textOf).join(' | ');
    case 'atom':
      return type.text;
  }
}

/** Reads token by token. Members may end with a semicolon, a comma or nothing at all. */
class Reader {
  readonly #tokens: string[];

  constructor(source: string) {
    const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replaceAll(NO_MEMBER, '');
    this.#tokens = code.match(/"[^"]*"|'[^']*'|\w+|\S/g) ?? [];
  }

  type(): TypeText {
    const of: TypeText[] = [];
    do of.push(this.#one());
    while (this.#skip('|'));
    const [only] = of;
    return only && of.length === 1 ? only : { kind: 'union', of };
  }

  #one(): TypeText {
    let type = this.#plain();
    while (this.#tokens[0] === '[' && this.#tokens[1] === ']') {
      this.#tokens.splice(0, 2);
      type = { kind: 'list', of: type };
    }
    return type;
  }

  #plain(): TypeText {
    const token = this.#tokens.shift() ?? '';
    if (token === '{') return this.#object();
    if (token === '[') return this.#tuple();
    if (token === '(') return this.#inParentheses();
    if (token === 'Record') return { kind: 'atom', text: `Record${this.#upTo('>')}>` };
    if (!/^[\w'"]/.test(token)) throw new Error(`A type does not begin with ${token}.`);
    return { kind: 'atom', text: token.replaceAll('"', "'") };
  }

  #inParentheses(): TypeText {
    const type = this.type();
    this.#expect(')');
    return type;
  }

  #object(): TypeText {
    const members = new Map<string, TypeText>();
    while (!this.#skip('}')) {
      const name = this.#name();
      this.#expect(':');
      members.set(name, this.type());
      if (!this.#skip(';')) this.#skip(',');
    }
    return { kind: 'object', members };
  }

  /** Of an index signature, or of the mapped type around the schemas, all that is in the brackets. */
  #name(): string {
    const first = this.#tokens.shift() ?? '';
    const name = first === '[' ? `[${this.#upTo(']')}]` : first.replace(/^["'](.*)["']$/, '$1');
    return this.#skip('?') ? `${name}?` : name;
  }

  #tuple(): TypeText {
    const items: TypeText[] = [];
    while (!this.#skip(']')) {
      items.push(this.type());
      this.#skip(',');
    }
    return { kind: 'tuple', items };
  }

  /** Removes the text up to this token and the token, and returns the text. */
  #upTo(end: string): string {
    const tokens = this.#tokens.splice(0, this.#tokens.indexOf(end));
    this.#expect(end);
    return tokens.join(' ').replaceAll(' ,', ',').replaceAll(' :', ':').replaceAll('< ', '<');
  }

  #skip(token: string): boolean {
    if (this.#tokens[0] !== token) return false;
    this.#tokens.shift();
    return true;
  }

  #expect(token: string): void {
    if (!this.#skip(token)) throw new Error(`${token} should come before ${this.#tokens[0]}.`);
  }
}
