import { moduleOf } from './tools.ts';

/** PostgreSQL's own parser. Places and lengths count bytes. */
interface PgQuery {
  parse(sql: string): Promise<{
    readonly stmts?: readonly {
      readonly stmt: object;
      readonly stmt_location?: number;
      readonly stmt_len?: number;
    }[];
  }>;
  parsePlPgSQL(sql: string): Promise<object>;
}

/** A statement by itself, and the name of its kind in the parser's tree. */
export interface Statement {
  readonly kind: string;
  readonly sql: string;
}

async function load(): Promise<PgQuery> {
  return import(moduleOf('libpg-query'));
}

/** Divides SQL as psql does. Fails where PostgreSQL would not parse it. */
export async function statementsIn(sql: string): Promise<Statement[]> {
  const { stmts = [] } = await (await load()).parse(sql);
  const bytes = Buffer.from(sql);
  return stmts.map(({ stmt, stmt_location: from = 0, stmt_len: length }) => ({
    kind: Object.keys(stmt)[0] ?? '',
    sql: bytes.subarray(from, length && from + length).toString(),
  }));
}

/**
 * The constant texts that PL/pgSQL executes, of a DO block or a function. Fails where PostgreSQL
 * would not parse the block.
 */
export async function executedBy(plpgsql: string): Promise<string[]> {
  const tree = await (await load()).parsePlPgSQL(plpgsql);
  return find(tree, 'PLpgSQL_stmt_dynexecute').flatMap((statement) => {
    const [query] = find((statement as { query: object }).query, 'query');
    const constant = /^\s*(\$\w*\$)(?<text>[\s\S]*)\1\s*$/.exec(String(query));
    return constant?.groups?.text ?? [];
  });
}

/** All that stands under a key, at any depth. */
function find(node: unknown, key: string): unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) => [
    ...(name === key ? [value] : []),
    ...find(value, key),
  ]);
}
