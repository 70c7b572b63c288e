import type { CatalogueTable } from '../../src/schema/catalogue.ts';
import { expectedAfter } from '../../src/schema/expected.ts';
import { migrations } from '../../src/schema/migrations.ts';

/** A column as a type needs it. */
export interface Column {
  readonly name: string;
  readonly comment: string;
  /** In SQL. */
  readonly type: string;
  /** What a query gives, and what a statement takes, without null. */
  readonly read: string;
  readonly write: string;
  readonly nullable: boolean;
  readonly hasDefault: boolean;
}

/** A table of ours. */
export interface Table {
  readonly name: string;
  /** What a row is called. */
  readonly row: string;
  readonly comment: string;
  readonly columns: readonly Column[];
  /** As the manifest has it. */
  readonly facts: CatalogueTable;
  readonly foreignKeys: readonly ForeignKey[];
}

/** What refers from a table to another of ours. */
export interface ForeignKey {
  readonly name: string;
  readonly column: string;
  readonly referencedTable: string;
  readonly referencedColumn: string;
  /** Whether a row of the other table has one of this at most. */
  readonly isOneToOne: boolean;
}

const ROWS: Readonly<Record<string, string>> = {
  visitors: 'Visitor',
  conversions: 'Conversion',
  conversion_queue: 'ConversionQueueEntry',
  tracking_events: 'TrackingEvent',
  leads: 'Lead',
};

/** Columns whose CHECK lists what they may hold, and what that is called. */
const UNIONS: Readonly<Record<string, string>> = {
  'conversions.conversion_type': 'ConversionType',
  'conversions.consent_ad_user_data': 'Consent',
  'conversions.consent_ad_personalization': 'Consent',
  'conversion_queue.status': 'QueueStatus',
};

/** What pg gives for a type, and takes for it. */
const TYPES: Readonly<Record<string, readonly [read: string, write: string]>> = {
  uuid: ['string', 'string'],
  text: ['string', 'string'],
  integer: ['number', 'number'],
  'numeric(10,2)': ['string', 'number | string'],
  'timestamp with time zone': ['Date', 'Date | string'],
  jsonb: ['JsonObject', 'JsonObject'],
};

const FOREIGN_KEY = /^FOREIGN KEY \((\w+)\) REFERENCES (\w+)\((\w+)\)/;

const contents = expectedAfter(migrations.length);

/** The tables, as the manifest has them after the last migration; parents first. */
export const TABLES: readonly Table[] = Object.entries(ROWS).map(([name, row]) => {
  const table = contents.tables[name];
  if (!table) throw new Error(`The manifest has no table ${name}.`);
  return {
    name,
    row,
    comment: table.comment ?? '',
    columns: columnsOf(name, table),
    foreignKeys: foreignKeysOf(table),
    facts: table,
  };
});

/** The table that records the migrations. */
export function migrationsTable(): CatalogueTable {
  if (!contents.migrationsTable) throw new Error('The manifest has no migrations table.');
  return contents.migrationsTable;
}

function columnsOf(name: string, table: CatalogueTable): Column[] {
  return Object.entries(table.columns).map(([column, facts]) => {
    const union = unionOf(name, column);
    const [read, write] = union ? [union, union] : (TYPES[facts.type] ?? []);
    if (!read || !write) throw new Error(`There is no type for ${name}.${column}: ${facts.type}.`);
    return {
      name: column,
      comment: facts.comment ?? '',
      type: facts.type,
      read,
      write,
      nullable: !facts.notNull,
      hasDefault: facts.default !== null,
    };
  });
}

function foreignKeysOf({ constraints, indexes }: CatalogueTable): ForeignKey[] {
  return Object.entries(constraints).flatMap(([name, { definition }]) => {
    const [, column, referencedTable = '', referencedColumn = ''] =
      FOREIGN_KEY.exec(definition.replace('{schema}.', '').replace('{leads}', 'leads')) ?? [];
    if (column === undefined) return [];
    const isOneToOne = Object.values(indexes).some(
      ({ unique, columns, predicate }) => unique && predicate === null && columns.join() === column,
    );
    return [{ name, column, referencedTable, referencedColumn, isOneToOne }];
  });
}

/** What the type of a column is called whose CHECK lists what it may hold. */
export function unionOf(table: string, column: string): string | undefined {
  return UNIONS[`${table}.${column}`];
}

/** The same, whichever table has the column. */
export function unionOfAny(column: string): string | undefined {
  return Object.entries(UNIONS).find(([key]) => key.endsWith(`.${column}`))?.[1];
}

/** The unions, each as the CHECK of its columns lists it. */
export function unions(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const [key, union] of Object.entries(UNIONS)) {
    const [table = '', column = ''] = key.split('.');
    const { definition = '' } =
      contents.tables[table]?.constraints[`${table}_${column}_check`] ?? {};
    const values = [...definition.matchAll(/'(\w+)'::text/g)].map(([, value = '']) => value);
    if (values.length === 0) throw new Error(`No CHECK lists the values of ${key}.`);
    found.set(union, values);
  }
  return found;
}
