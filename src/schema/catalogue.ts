/** Privileges by role: quoted as SQL where it needs to be, `PUBLIC` for everybody. */
export type Grants = Readonly<Record<string, readonly string[]>>;

/** Who may do what with an object, besides its owner. A `*` marks a privilege to pass it on. */
export interface Access {
  readonly grants: Grants;
  /** What the owner would have by itself, and has not. */
  readonly ownerLacks: readonly string[];
}

/** A column, as the catalogue describes it. */
export interface CatalogueColumn {
  readonly type: string;
  readonly notNull: boolean;
  /** `serial` for one that a sequence of its own fills. */
  readonly default: string | null;
  readonly comment: string | null;
  /** Its number in the table, which a rename does not change. */
  readonly position: number;
  readonly grants: Grants;
}

/** A primary key, unique, check or foreign key constraint. */
export interface CatalogueConstraint {
  readonly definition: string;
  readonly columns: readonly string[];
  /** Statements that enable what is disabled of the triggers behind a foreign key. */
  readonly disabled: readonly string[];
  readonly comment: string | null;
}

/** An index, whether or not a constraint stands on it. */
export interface CatalogueIndex {
  readonly columns: readonly string[];
  readonly unique: boolean;
  /** From the access method on: columns with their options, predicate. */
  readonly definition: string;
  readonly predicate: string | null;
  readonly valid: boolean;
  readonly constraint: string | null;
}

/** A trigger that somebody has made. */
export interface CatalogueTrigger {
  readonly definition: string;
  readonly enabled: boolean;
  readonly comment: string | null;
}

/** Something that makes a table other than an ordinary one, and the statement that undoes it. */
export interface CatalogueTrait {
  readonly trait: string;
  readonly undo: string | null;
}

/** A table: everything by name. */
export interface CatalogueTable extends Access {
  readonly comment: string | null;
  readonly traits: readonly CatalogueTrait[];
  readonly rowSecurity: boolean;
  readonly forcedRowSecurity: boolean;
  readonly policies: readonly string[];
  /** On the row type, which has privileges of its own. */
  readonly typeGrants: Grants;
  readonly columns: Readonly<Record<string, CatalogueColumn>>;
  readonly constraints: Readonly<Record<string, CatalogueConstraint>>;
  readonly indexes: Readonly<Record<string, CatalogueIndex>>;
  readonly triggers: Readonly<Record<string, CatalogueTrigger>>;
  /** Sequences that belong to a column, by the column. */
  readonly sequences: Readonly<Record<string, Access>>;
}

/** A function. An expected one says `{schema}` wherever it names the schema. */
export interface CatalogueFunction extends Access {
  /** The statement that creates it, up to its body. */
  readonly head: string;
  readonly body: string;
  readonly comment: string | null;
}

/**
 * What a schema consists of. Definitions say `{schema}` for the schema, and `{leads}` for the
 * host's table, wherever it is.
 */
export interface Contents {
  readonly tables: Readonly<Record<string, CatalogueTable>>;
  /** By name and argument types. */
  readonly functions: Readonly<Record<string, CatalogueFunction>>;
  /** The table that records the migrations, whatever its name: its key is {@link PRIMARY_KEY}. */
  readonly migrationsTable: CatalogueTable | null;
}

/** What one migration changes in the schema. */
export interface ManifestStep {
  readonly migration: string;
  /** Where each part that it removes is in {@link Contents}: `['tables', 'visitors', 'columns', 'gclid']`. */
  readonly removes?: readonly (readonly string[])[];
  /** What it adds or changes, after that. */
  readonly adds: PartOf<Contents>;
}

/** The same with some of its parts. */
type PartOf<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: PartOf<T[K]> }
    : T;

/** The name by which a migrations table's primary key goes, constraint and index. */
export const PRIMARY_KEY = 'PRIMARY KEY';

/** An object of others through which somebody reaches the tables. Names are SQL. */
export interface Exposure {
  readonly kind: 'view' | 'function' | 'publication' | 'role';
  readonly object: string;
  /** What the object has to do with the tables. */
  readonly how: string;
  /** Who can use it. */
  readonly open: readonly string[];
  /** Roles that have passed privileges on. */
  readonly grantors: readonly string[];
  /** What to revoke privileges on, as REVOKE names it; null where `close` closes it. */
  readonly target: string | null;
  readonly close: string | null;
}

/** Whose an object is. */
export interface Ownership {
  readonly kind: 'table' | 'function';
  /** A table's name, or a function's with its argument types. */
  readonly name: string;
  /** As ALTER names it: `TABLE public.visitors`. */
  readonly object: string;
  readonly owner: string;
}

/** What stands around the contents, and decides whether they are right. Names are SQL. */
export interface Surroundings {
  /** The schema; null where there is none. */
  readonly space: string | null;
  readonly owners: readonly Ownership[];
  readonly databaseOwner: string;
  /** Sequences that belong to a column, by table and column. */
  readonly sequences: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Tables of other names in the schema that have indexes of our names, by these. */
  readonly holders: Readonly<Record<string, string>>;
  /** The application's leads, or the placeholder: as the search path finds it, else as a foreign key does. */
  readonly leads: string | null;
  /** Those of the roles asked for that exist. */
  readonly roles: readonly string[];
  /** Roles that need to use the schema, and may not: insiders and owners. */
  readonly barred: readonly string[];
  /** Insiders from whom row level security hides every row. */
  readonly blind: readonly string[];
  /** Roles with SELECT on the migrations table who see its rows, or as whom strangers can act. */
  readonly sighted: readonly string[];
  readonly exposures: readonly Exposure[];
}

/** Everything that verification looks at. */
export interface Catalogue extends Contents, Surroundings {}

/** What to look for. */
export interface Scope {
  /** The first holds the tables; the others are searched for leads. */
  readonly schemas: readonly [string, ...string[]];
  readonly tables: readonly string[];
  readonly indexes: readonly string[];
  /** Names, without argument types. */
  readonly functions: readonly string[];
  readonly migrationsTable: string;
  /** Roles that may have privileges. */
  readonly insiders: readonly string[];
  /** Roles that must reach nothing. */
  readonly outsiders: readonly string[];
}
