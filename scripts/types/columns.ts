import type { CatalogueTable } from '../../src/schema/catalogue.ts';
import { expectedAfter } from '../../src/schema/expected.ts';
import { migrations } from '../../src/schema/migrations.ts';

/** What the types need to know about a column. */
export interface Column {
  readonly name: string;
  readonly comment: string;
  /** The SQL type. */
  readonly type: string;
  /** The TypeScript types of a value that is read, and of one that is written, without null. */
  readonly read: string;
  readonly write: string;
  readonly nullable: boolean;
  readonly hasDefault: boolean;
}

/** A table of the package. */
export interface Table {
  readonly name: string;
  /** The name of its row type. */
  readonly row: string;
  readonly comment: string;
  readonly columns: readonly Column[];
  /** Its entry in the manifest. */
  readonly facts: CatalogueTable;
  readonly foreignKeys: readonly ForeignKey[];
}

/** A foreign key from a table to another table of the package. */
export interface ForeignKey {
  readonly name: string;
  readonly column: string;
  readonly referencedTable: string;
  readonly referencedColumn: string;
  /** Whether at most one row references a row of the other table. */
  readonly isOneToOne: boolean;
}

const ROWS: Readonly<Record<string, string>> = {
  visitors: 'Visitor',
  conversions: 'Conversion',
  conversion_queue: 'ConversionQueueEntry',
  tracking_events: 'TrackingEvent',
  upload_requests: 'UploadRequest',
  leads: 'Lead',
};

/** Columns whose CHECK lists their values, with the name of the union type. */
const UNIONS: Readonly<Record<string, string>> = {
  'conversions.conversion_type': 'ConversionType',
  'conversions.consent_ad_user_data': 'Consent',
  'conversions.consent_ad_personalization': 'Consent',
  'conversion_queue.status': 'QueueStatus',
  'upload_requests.status': 'UploadRequestStatus',
};

/** The types that pg returns and accepts, by SQL type. */
const TYPES: Readonly<Record<string, readonly [read: string, write: string]>> = {
  uuid: ['string', 'string'],
  text: ['string', 'string'],
  'uuid[]': ['readonly string[]', 'readonly string[]'],
  integer: ['number', 'number'],
  boolean: ['boolean', 'boolean'],
  'numeric(10,2)': ['string', 'number | string'],
  'timestamp with time zone': ['Date', 'Date | string'],
  jsonb: ['JsonObject', 'JsonObject'],
};

const FOREIGN_KEY = /^FOREIGN KEY \((\w+)\) REFERENCES (\w+)\((\w+)\)/;

const contents = expectedAfter(migrations.length);

/** The tables after the last migration, from the manifest; parents first. */
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

/** Returns the migrations table. */
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

/** Returns the union type of a column whose CHECK lists its values. */
export function unionOf(table: string, column: string): string | undefined {
  return UNIONS[`${table}.${column}`];
}

/** Returns the union type of an argument or result of a function, named as a column. */
export function unionOfValue(of: string, name: string): string | undefined {
  const table = of.includes('upload_request') ? 'upload_requests' : undefined;
  const key = Object.keys(UNIONS).find((one) =>
    table === undefined ? one.endsWith(`.${name}`) : one === `${table}.${name}`,
  );
  return key && UNIONS[key];
}

/** Returns the values of each union, from the CHECK of its columns. */
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
