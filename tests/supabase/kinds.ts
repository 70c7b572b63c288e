import { unions } from '../../scripts/types/columns.ts';
import { SHIPPED } from './shipped-types.ts';
import { leaves } from './type-text.ts';

const STATED = leaves(SHIPPED);

/** What values are, as far as JSON tells it apart, by the path of their type. */
export type Kinds = Readonly<Record<string, string>>;

/** What the shipped types say that values are, of the paths that the pattern finds. */
export function statedKinds(pattern: RegExp): Kinds {
  const found = [...STATED].filter(([path]) => pattern.test(path));
  return Object.fromEntries(found.map(([path, text]) => [path, inOrder(kindsIn(text))]));
}

/** What values were, wherever they came from. */
export class SeenKinds {
  readonly #seen = new Map<string, Set<string>>();

  /** One value. */
  value(path: string, value: unknown): void {
    const kind = outsideOfUnion(path, value) ?? kindOf(value);
    this.#seen.set(path, (this.#seen.get(path) ?? new Set()).add(kind));
  }

  /** Each value of each row. */
  rows(path: string, rows: readonly object[]): void {
    for (const row of rows) {
      for (const [column, value] of Object.entries(row)) this.value(`${path}.${column}`, value);
    }
  }

  all(): Kinds {
    return Object.fromEntries([...this.#seen].map(([path, kinds]) => [path, inOrder([...kinds])]));
  }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return `${kindOf(value[0])}[]`;
  return value === null ? 'null' : typeof value;
}

const inOrder = (kinds: readonly string[]) => kinds.toSorted().join(' | ');

/** The kinds that a type's text allows. */
function kindsIn(text: string): string[] {
  const names = text.replace(/\{.*\}/, 'object').split(' | ');
  return names.map((name) => (unions().has(name) ? 'string' : name));
}

/** A string that is not among those that its type lists is of no kind that is stated. */
function outsideOfUnion(path: string, value: unknown): string | undefined {
  const [union = ''] = STATED.get(path)?.split(' | ') ?? [];
  const values = unions().get(union);
  return typeof value === 'string' && values?.includes(value) === false ? value : undefined;
}
