/** One statement that a stranger tries, and how the owner shows that it is well formed. */
export interface Statement {
  readonly name: string;
  /** The object, with its kind: `table public.visitors`. */
  readonly on: string;
  readonly sql: string;
  /** Run before it, by the same role, and has to succeed. */
  readonly setup?: string | undefined;
  /** What the owner runs instead, where the statement needs more than rights. */
  readonly control?: string | undefined;
  /** The SQLSTATE that stops the owner, once the server has found that it has the right. */
  readonly ownerGets?: string | undefined;
  /** What refuses a stranger where that is not 42501. */
  readonly refusal?: { readonly code: string; readonly message: RegExp } | undefined;
}

/** A statement before it is known on what. */
export type Form = Omit<Statement, 'on'>;

/** A table as its statements need it. */
export interface TableFacts {
  readonly name: string;
  readonly column: string;
  readonly type: string;
  /** Columns of the primary key, and the index behind it. */
  readonly key: readonly { readonly name: string; readonly type: string }[];
  readonly keyIndex: string | null;
}
