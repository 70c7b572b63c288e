import { identifier } from '../../db/quoting.ts';
import type {
  Catalogue,
  CatalogueColumn,
  CatalogueTable,
  Contents,
  Ownership,
} from '../../schema/catalogue.ts';
import { definitionSql, type Location } from '../../schema/definitions.ts';
import { recordOf } from '../../schema/records.ts';
import type { CatalogueObject } from '../catalogue-objects.ts';
import { Fixes } from '../fixes.ts';
import type { FindingCode, StagedFinding } from './finding.ts';

/** The `expected` of findings about the application's additions. */
export const APPLICATIONS_OWN = "none, or one of the application's own";

/** Returns a name for people to read, quoted only where SQL requires it. */
export function readableName(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : identifier(name);
}

/** Both sides of a comparison, and how findings name their objects. */
export class Context {
  readonly actual: Catalogue;
  readonly fixes: Fixes;
  readonly location: Location;
  readonly migrationsTable: string;
  readonly #expected: Contents;

  constructor(expected: Contents, actual: Catalogue, migrationsTable: string, schema: string) {
    this.actual = actual;
    this.migrationsTable = migrationsTable;
    this.location = { schema, leads: actual.leads };
    this.fixes = new Fixes(this.location, actual.roles, actual.owner);
    this.#expected = expected;
  }

  finding(
    one: CatalogueObject,
    stage: number,
    code: FindingCode,
    [expected, found]: readonly [string, string],
    fix: string | undefined,
  ): StagedFinding {
    return { stage, code, object: this.object(one), expected, found, fix };
  }

  /** Names an object as findings do: `column public.visitors.gclid`. */
  object({ kind, table = '', name }: CatalogueObject): string {
    switch (kind) {
      case 'table':
      case 'index':
        return `${kind} ${this.qualified(name)}`;
      case 'function': // a signature is quoted already
        return `${kind} ${readableName(this.location.schema)}.${name}`;
      case 'sequence':
        return `${kind} ${this.actual.sequences[table]?.[name]}`;
      case 'column':
        return `${kind} ${this.qualified(table)}.${readableName(name)}`;
      default:
        return `${kind} ${readableName(name)} on ${this.qualified(table)}`;
    }
  }

  qualified(name: string): string {
    return `${readableName(this.location.schema)}.${readableName(name)}`;
  }

  /** A definition for people to read. */
  text(definition: string, table = ''): string {
    return definitionSql(definition, this.location, this.qualified(table)).trim();
  }

  expected(table: string): CatalogueTable | undefined {
    const { tables, migrationsTable } = this.#expected;
    return (table === this.migrationsTable ? migrationsTable : tables[table]) ?? undefined;
  }

  /** The expected triggers that call a function, on tables that exist, by table. */
  triggersOf(signature: string): [table: string, trigger: string, definition: string][] {
    const call = ` EXECUTE FUNCTION {schema}.${signature.replace(/\)$/, '')}`;
    return Object.entries(this.#expected.tables).flatMap(([table, { triggers }]) =>
      this.actual.tables[table] === undefined || this.isForeign('table', table)
        ? []
        : Object.entries(triggers)
            .filter(([, { definition }]) => definition.includes(call))
            .map(([name, { definition }]): [string, string, string] => [table, name, definition]),
    );
  }

  /** Whether an expected trigger calls a foreign function. */
  callsForeign(table: string, trigger: string): boolean {
    return this.actual.ownerships.some(
      ({ kind, name, foreign }) =>
        kind === 'function' &&
        foreign &&
        this.triggersOf(name).some(([onTable, one]) => onTable === table && one === trigger),
    );
  }

  /** A part of a stage for each table, in the order in which migrations create them. */
  creationOrder(table: string): number {
    return (Object.keys(this.#expected.tables).indexOf(table) + 1) / 100;
  }

  /** Whether a table confirms the expected owner, which is the migrations table's. */
  get isOwnerCertain(): boolean {
    const ofTables = this.actual.ownerships.filter(
      ({ kind, name }) => kind === 'table' && name !== this.migrationsTable && name !== 'leads',
    );
    return ofTables.length === 0 || ofTables.some(({ owner }) => owner === this.actual.owner);
  }

  ownership(kind: Ownership['kind'], name: string): Ownership | undefined {
    return this.actual.ownerships.find((one) => one.kind === kind && one.name === name);
  }

  isForeign(kind: Ownership['kind'], name: string): boolean {
    return this.ownership(kind, name)?.foreign === true;
  }

  /** Whether a view or another kind of relation has the table's name. */
  isOtherRelation(table: string): boolean {
    const traits = this.actual.tables[table]?.traits ?? [];
    return traits.some(({ trait, undo }) => undo === null && trait === 'not an ordinary table');
  }

  /**
   * Returns the present name of a table that was renamed: the table that has its primary key, or two
   * of its indexes. A single index could be the application's own.
   */
  renamedTo(table: string): string | undefined {
    if (this.actual.tables[table] !== undefined) return undefined;
    const { tablesByIndex } = this.actual;
    const { constraints = {}, indexes = {} } = this.expected(table) ?? {};
    const isKey = (index: string) => constraints[index]?.definition.startsWith('PRIMARY KEY');
    const found = Object.keys(indexes).filter((index) => tablesByIndex[index] !== undefined);
    const [first, second] = found.sort((a, b) => Number(isKey(b)) - Number(isKey(a)));
    const isSure = first !== undefined && (isKey(first) || second !== undefined);
    return isSure ? tablesByIndex[first] : undefined;
  }

  /** Columns that the application has added to a table. */
  applicationColumns(table: string): Readonly<Record<string, CatalogueColumn>> {
    const { tables, migrationsTable } = this.actual;
    const found = (table === this.migrationsTable ? migrationsTable : tables[table])?.columns ?? {};
    const expected = this.expected(table)?.columns ?? {};
    return recordOf(Object.entries(found).filter(([column]) => !(column in expected)));
  }
}
