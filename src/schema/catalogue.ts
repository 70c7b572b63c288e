/** Privileges by role: its name as SQL, or `PUBLIC`. A `*` marks one WITH GRANT OPTION. */
export type Grants = Readonly<Record<string, readonly string[]>>;

/** The privileges on an object. */
export interface Access {
  /** Of all roles but the owner. */
  readonly grants: Grants;
  /** Default privileges that the owner lacks. */
  readonly ownerLacks: readonly string[];
}

/** A column, as the catalogue describes it. */
export interface CatalogueColumn {
  readonly type: string;
  readonly notNull: boolean;
  /** `serial` for the next value of a sequence that the column owns. */
  readonly default: string | null;
  readonly comment: string | null;
  /** Its number in the table, which a rename keeps. */
  readonly position: number;
  readonly grants: Grants;
}

/** A primary key, unique, check or foreign key constraint. */
export interface CatalogueConstraint {
  readonly definition: string;
  readonly columns: readonly string[];
  /** Statements that enable disabled triggers of a foreign key. */
  readonly disabled: readonly string[];
  readonly comment: string | null;
}

/** An index, of a constraint or not. */
export interface CatalogueIndex {
  readonly columns: readonly string[];
  readonly unique: boolean;
  /** From the access method on: columns with their options, and the predicate. */
  readonly definition: string;
  readonly predicate: string | null;
  readonly valid: boolean;
  readonly constraint: string | null;
}

/** A trigger, other than a constraint's own. */
export interface CatalogueTrigger {
  readonly definition: string;
  readonly enabled: boolean;
  readonly comment: string | null;
}

/** A deviation from an ordinary table, and the statement that undoes it. */
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
  /** On the row type, whose privileges are separate. */
  readonly typeGrants: Grants;
  readonly columns: Readonly<Record<string, CatalogueColumn>>;
  readonly constraints: Readonly<Record<string, CatalogueConstraint>>;
  readonly indexes: Readonly<Record<string, CatalogueIndex>>;
  readonly triggers: Readonly<Record<string, CatalogueTrigger>>;
  /** Sequences that belong to a column, by the column. */
  readonly sequences: Readonly<Record<string, Access>>;
}

/** A function. An expected one has `{schema}` in place of the schema's name. */
export interface CatalogueFunction extends Access {
  /** The statement that creates it, up to its body. */
  readonly head: string;
  readonly body: string;
  readonly comment: string | null;
}

/**
 * The objects of a schema. Definitions have `{schema}` in place of the schema's name, and `{leads}` in
 * place of the leads table's, wherever it is.
 */
export interface Contents {
  readonly tables: Readonly<Record<string, CatalogueTable>>;
  /** By signature: name and argument types. */
  readonly functions: Readonly<Record<string, CatalogueFunction>>;
  /** The migrations table, whatever its name: its key is {@link PRIMARY_KEY}. */
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

/** Replaces the name of a migrations table's primary key, constraint and index. */
export const PRIMARY_KEY = 'PRIMARY KEY';

/** An object outside of the contents through which untrusted roles reach the tables. Names are SQL. */
export interface Exposure {
  readonly kind: 'view' | 'function' | 'publication' | 'role';
  readonly object: string;
  /** What the object has to do with the tables. */
  readonly reason: string;
  /** The roles that can use it. */
  readonly roles: readonly string[];
  /** Roles that have granted privileges on. */
  readonly grantors: readonly string[];
  /** The object as REVOKE names it; null where `fix` is the statement. */
  readonly target: string | null;
  readonly fix: string | null;
}

/** The owner of a table or a function. */
export interface Ownership {
  readonly kind: 'table' | 'function';
  /** A table's name, or a function's signature. */
  readonly name: string;
  /** As ALTER names it: `TABLE public.visitors`. */
  readonly object: string;
  readonly owner: string;
  /**
   * Whether its owner cannot act as the expected owner: it may be a trap, and a fix must give it
   * neither privileges nor another owner.
   */
  readonly foreign: boolean;
}

/** A routine that has a function's name and other arguments, or is an aggregate. */
export interface Overload {
  /** `function`, `procedure` or `aggregate`, and its name as SQL. */
  readonly object: string;
  /** As DROP ROUTINE names it. */
  readonly routine: string;
  readonly owner: string;
}

/**
 * A function of the application's that writing to the tables calls, and that names a table of its schema
 * without it. Within the package's functions it does not find it. Names are SQL.
 */
export interface Unqualified {
  readonly function: string;
  readonly schema: string;
  readonly table: string;
  readonly caller: string;
}

/** A setting of ALTER DATABASE or ALTER ROLE. */
export interface SearchPathSetting {
  /** As ALTER names it: `DATABASE app`. */
  readonly target: string;
  readonly setting: string;
}

/** What verification needs to know beside the contents. Names are SQL. */
export interface Environment {
  /** The schema; null where there is none. */
  readonly schema: string | null;
  /** The role that is to own everything: the migrations table's owner, else the tables'. */
  readonly owner: string;
  /** Tables, the migrations table and functions, by exact name and signature. */
  readonly ownerships: readonly Ownership[];
  readonly overloads: readonly Overload[];
  /** Sequences that belong to a column, by table and column. */
  readonly sequences: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Tables of other names in the schema, by the indexes of the expected names that they have. */
  readonly tablesByIndex: Readonly<Record<string, string>>;
  /** The application's leads, or the placeholder: as the search path finds it, else as a foreign key does. */
  readonly leads: string | null;
  /** The service and client roles that exist. */
  readonly roles: readonly string[];
  /** Service roles and the owner, where they lack USAGE on the schema. */
  readonly rolesWithoutUsage: readonly string[];
  /** PUBLIC and client roles that are granted CREATE on the schema. */
  readonly rolesWithCreate: readonly string[];
  /** Service roles, and login roles that inherit from one, from which row level security hides every row. */
  readonly rolesWithoutBypassRls: readonly string[];
  /** Roles to which row level security shows every row, or that client roles can act as. */
  readonly rolesSeeingRows: readonly string[];
  readonly exposures: readonly Exposure[];
  readonly unqualified: readonly Unqualified[];
  /** Settings of the search path in which pg_catalog comes after another schema. */
  readonly searchPaths: readonly SearchPathSetting[];
}

/** Everything that verification reads. */
export interface Catalogue extends Contents, Environment {}
