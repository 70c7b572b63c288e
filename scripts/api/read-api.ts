import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type FunctionDeclaration,
  type MethodSignatureDeclaration,
  SyntaxKind,
} from 'typescript/unstable/ast';
import {
  API,
  type Checker,
  type Symbol as Named,
  type Signature,
  SignatureKind,
  SymbolFlags,
  type Type,
  type TypeReference,
} from 'typescript/unstable/sync';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The entry points that have functions of their own, by the names that applications import. */
const ENTRY_POINTS = {
  'conversion-tracking-schema': 'src/index.ts',
  'conversion-tracking-schema/queue': 'src/queue/index.ts',
  'conversion-tracking-schema/drizzle': 'src/drizzle/index.ts',
} as const;

/** A property of an object that a function takes or returns. */
export interface Property {
  readonly name: string;
  readonly optional: boolean;
  /** As it is written in the sources, without undefined. */
  readonly type: string;
  readonly text: string;
}

/** A parameter, and the properties of the object that it takes, if it takes one of the package's own. */
export interface Parameter {
  readonly name: string;
  readonly optional: boolean;
  readonly type: string;
  readonly text: string;
  readonly properties: readonly Property[];
}

export interface ApiFunction {
  readonly name: string;
  readonly text: string;
  readonly parameters: readonly Parameter[];
  readonly returns: string;
  /** Of the object that it returns, or of each one in an array. */
  readonly result: readonly Property[];
  readonly throws: string | undefined;
  /** Of the object that it returns, those with a comment. */
  readonly methods: readonly ApiFunction[];
}

/** A type that functions refer to, as it is written in the sources. */
export interface ApiType {
  readonly name: string;
  readonly source: string;
}

export interface EntryPoint {
  readonly name: string;
  readonly functions: readonly ApiFunction[];
  readonly types: readonly ApiType[];
}

/** Reads the functions and the types of the public API, with what TSDoc says of them. */
export function readApi(): readonly EntryPoint[] {
  const api = new API({ cwd: ROOT });
  try {
    const config = `${ROOT}tsconfig.json`;
    const project = api.updateSnapshot({ openProjects: [config] }).getProjects()[0];
    if (project === undefined) throw new Error(`${config} is no project.`);
    const reader = new Reader(project.checker);
    return Object.entries(ENTRY_POINTS).map(([name, path]) => {
      const file = project.program.getSourceFile(`${ROOT}${path}`);
      const module = file && project.checker.getSymbolAtLocation(file);
      if (module === undefined) throw new Error(`${path} is no module.`);
      return reader.entryPoint(name, module);
    });
  } finally {
    api.close();
  }
}

class Reader {
  readonly #checker: Checker;
  constructor(checker: Checker) {
    this.#checker = checker;
  }

  entryPoint(name: string, module: Named): EntryPoint {
    const exported = this.#checker
      .getExportsOfModule(module)
      .map((each) => this.#checker.getAliasedSymbol(each))
      .sort((one, other) => one.name.localeCompare(other.name));
    const functions = exported
      .filter(({ flags }) => flags & SymbolFlags.Function)
      .map((each) => this.#function(each));
    const types = exported
      .filter(({ flags }) => flags & (SymbolFlags.Interface | SymbolFlags.TypeAlias))
      .filter(({ flags }) => !(flags & SymbolFlags.Class))
      .map((each) => ({ name: each.name, source: documentedSourceOf(each) }));
    return { name, functions, types };
  }

  #function(symbol: Named): ApiFunction {
    const type = this.#checker.getTypeOfSymbol(symbol);
    const [signature] = type ? this.#checker.getSignaturesOfType(type, SignatureKind.Call) : [];
    if (signature === undefined) throw new Error(`${symbol.name} is no function.`);
    const returned = this.#checker.getReturnTypeOfSignature(signature);
    const members = returned ? this.#ownProperties(returned) : [];
    return {
      name: symbol.name,
      text: symbol.getDocumentationComment(this.#checker),
      parameters: this.#parameters(signature, symbol.getJsDocTags(this.#checker)),
      returns: returnTypeOf(symbol),
      result: this.#properties(members),
      throws: throwsOf(symbol),
      methods: members
        .filter(isMethod)
        .map((each) => this.#function(each))
        .filter(({ text }) => text !== ''),
    };
  }

  #parameters(signature: Signature, tags: ReturnType<Named['getJsDocTags']>): readonly Parameter[] {
    return signature.getParameters().map((parameter) => {
      const type = this.#checker.getTypeOfSymbol(parameter);
      const taken = type && this.#checker.getNonNullableType(type);
      const tag = tags.find(
        ({ name, text }) => name === 'param' && text?.startsWith(`${parameter.name} `),
      );
      return {
        ...this.#property(parameter),
        text: tag?.text?.slice(parameter.name.length + 1).replace(/^- /, '') ?? '',
        properties: taken ? this.#properties(this.#ownProperties(taken)) : [],
      };
    });
  }

  #property(symbol: Named): Property {
    const source = sourceOf(symbol);
    const [, name = symbol.name, mark, type = ''] =
      /^(?:readonly )?(\w+)(\?)?:\s*([\s\S]*?);?$/.exec(source) ?? [];
    return {
      name,
      optional: mark === '?' || / = /.test(type),
      type: type
        .replace(/\s+/g, ' ')
        .replace(/ = .*$/, '')
        .replace(/ \| undefined$/, '')
        .replace(/^\((.*)\)$/, '$1'),
      text: symbol.getDocumentationComment(this.#checker),
    };
  }

  #properties(members: readonly Named[]): readonly Property[] {
    return members
      .filter((each) => !isMethod(each))
      .map((each) => this.#property(each))
      .filter(({ type }) => type !== '');
  }

  /** The members of an object, if the package declares them; of those in an array or a promise. */
  #ownProperties(type: Type): readonly Named[] {
    const members = this.#checker.getPropertiesOfType(this.#unwrapped(type));
    const isOwn = ({ declarations: [declaration] }: Named) =>
      declaration?.path.startsWith(`${ROOT}src/`) &&
      declaration.kind !== SyntaxKind.PropertyAssignment;
    return members.every(isOwn) ? members : [];
  }

  /** What a promise resolves to, and an array consists of. */
  #unwrapped(type: Type): Type {
    if (!WRAPPERS.includes(type.getSymbol()?.name ?? '')) return type;
    const [inner] = this.#checker.getTypeArguments(type as TypeReference);
    return inner === undefined ? type : this.#unwrapped(inner);
  }
}

const isMethod = ({ flags }: Named) => (flags & SymbolFlags.Method) !== 0;

const WRAPPERS = ['Promise', 'Array', 'ReadonlyArray'];

/** The text of a declaration in the sources. */
function sourceOf(symbol: Named): string {
  const { text, node } = declarationOf(symbol);
  return text.slice(node.getStart(), node.end);
}

/** The same with its comment. */
function documentedSourceOf(symbol: Named): string {
  const { text, node } = declarationOf(symbol);
  return text.slice(node.pos, node.end).trim();
}

/** The declared type of what a function returns. */
function returnTypeOf(symbol: Named): string {
  const { text, node } = declarationOf(symbol);
  const { type } = node as FunctionDeclaration | MethodSignatureDeclaration;
  return type === undefined ? 'void' : text.slice(type.getStart(), type.end);
}

/** Read from the sources: the compiler takes the braces of a link for those of a type. */
function throwsOf(symbol: Named): string | undefined {
  const { text, node } = declarationOf(symbol);
  const comment = text.slice(node.pos, node.getStart()).replace(/^\s*\* ?/gm, '');
  const [, throws] = /^@throws ([\s\S]*?)\n(?=@|\/|\n)/m.exec(comment) ?? [];
  return throws?.replace(/^\{([\w |]+)\}/, (_, types: string) =>
    types
      .split(/\s*\|\s*/)
      .map((type) => `\`${type}\``)
      .join(' or '),
  );
}

function declarationOf({ name, declarations: [declaration] }: Named) {
  const node = declaration?.resolve();
  if (declaration === undefined || node === undefined)
    throw new Error(`${name} is declared nowhere.`);
  return { text: readFileSync(declaration.path, 'utf8'), node };
}
