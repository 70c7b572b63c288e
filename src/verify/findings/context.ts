import { bareRecord } from '../../schema/bare-records.ts';
import type {
  Catalogue,
  CatalogueColumn,
  CatalogueTable,
  Contents,
} from '../../schema/catalogue.ts';
import type { CatalogueObject } from '../../schema/objects.ts';
import { fill, type Place } from '../../schema/placeholders.ts';
import { Fixes } from '../fixes.ts';
import { nameOf } from '../names.ts';
import type { FindingCode, Ranked } from './finding.ts';
import { expectedOwner } from './owners.ts';

/** Turns of fixes: what makes room first, then what others lean on, access last of all. */
export const TURN = {
  room: 1,
  tables: 2,
  columns: 3,
  functions: 4,
  keys: 5,
  checks: 6,
  references: 7,
  rest: 8,
  access: 9,
} as const;

/** What is expected of an addition of somebody else's. */
export const HOSTS_OWN = "none, or one of the application's own";

/** The two sides of a comparison, and how findings name what is on them. */
export class Context {
  readonly actual: Catalogue;
  readonly fixes: Fixes;
  readonly owner: string;
  readonly place: Place;
  readonly migrationsTable: string;
  readonly #expected: Contents;

  constructor(expected: Contents, actual: Catalogue, migrationsTable: string, schema: string) {
    this.actual = actual;
    this.migrationsTable = migrationsTable;
    this.owner = expectedOwner(actual);
    this.place = { schema, leads: actual.leads };
    this.fixes = new Fixes(this.place, actual.roles, this.owner);
    this.#expected = expected;
  }

  finding(
    one: CatalogueObject,
    turn: number,
    code: FindingCode,
    [expected, found]: readonly [string, string],
    fix: string | undefined,
  ): Ranked {
    return { turn, code, object: this.object(one), expected, found, fix };
  }

  /** An object as findings name it: `column public.visitors.gclid`. */
  object({ kind, table = '', name }: CatalogueObject): string {
    switch (kind) {
      case 'table':
      case 'index':
        return `${kind} ${this.qualified(name)}`;
      case 'function': // its signature is quoted where it needs to be
        return `${kind} ${nameOf(this.place.schema)}.${name}`;
      case 'sequence':
        return `${kind} ${this.actual.sequences[table]?.[name]}`;
      case 'column':
        return `${kind} ${this.qualified(table)}.${nameOf(name)}`;
      default:
        return `${kind} ${nameOf(name)} on ${this.qualified(table)}`;
    }
  }

  qualified(name: string): string {
    return `${nameOf(this.place.schema)}.${nameOf(name)}`;
  }

  /** A definition for people to read. */
  text(definition: string, table = ''): string {
    return fill(definition, this.place, this.qualified(table)).trim();
  }

  expected(table: string): CatalogueTable | undefined {
    const { tables, migrationsTable } = this.#expected;
    return (table === this.migrationsTable ? migrationsTable : tables[table]) ?? undefined;
  }

  /** A turn below 1 for each table, in the order in which the migrations create them. */
  rankOf(table: string): number {
    return (Object.keys(this.#expected.tables).indexOf(table) + 1) / 100;
  }

  /** Whether something else has a table's name. */
  isNoTable(table: string): boolean {
    const traits = this.actual.tables[table]?.traits ?? [];
    return traits.some(({ trait, undo }) => undo === null && trait === 'not an ordinary table');
  }

  /**
   * The table that has a missing one's primary key, or two of its indexes: the same one under another
   * name. A single index could be the application's own.
   */
  holderOf(table: string): string | undefined {
    if (this.actual.tables[table] !== undefined) return undefined;
    const { constraints = {}, indexes = {} } = this.expected(table) ?? {};
    const isKey = (index: string) => constraints[index]?.definition.startsWith('PRIMARY KEY');
    const held = Object.keys(indexes).filter((index) => this.actual.holders[index] !== undefined);
    const [first, second] = held.sort((a, b) => Number(isKey(b)) - Number(isKey(a)));
    const sure = first !== undefined && (isKey(first) || second !== undefined);
    return sure ? this.actual.holders[first] : undefined;
  }

  /** Columns that the application has added to a table. */
  applicationColumns(table: string): Readonly<Record<string, CatalogueColumn>> {
    const { tables, migrationsTable } = this.actual;
    const found = (table === this.migrationsTable ? migrationsTable : tables[table])?.columns ?? {};
    const ours = this.expected(table)?.columns ?? {};
    return bareRecord(Object.entries(found).filter(([column]) => !(column in ours)));
  }
}
