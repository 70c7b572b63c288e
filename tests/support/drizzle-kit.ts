import { type SQL, sql } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { PgDialect } from 'drizzle-orm/pg-core';
import { moduleOf } from './tools.ts';

/** What drizzle-kit/api has, as far as it is used here. */
interface DrizzleKit {
  pushSchema(
    objects: Record<string, unknown>,
    db: NodePgDatabase,
    schemas: readonly string[],
    tables?: readonly string[],
  ): Promise<{ readonly statementsToExecute: readonly string[] }>;
  generateDrizzleJson(objects: Record<string, unknown>): object;
  generateMigration(from: object, to: object): Promise<string[]>;
}

function load(): Promise<DrizzleKit> {
  return import(moduleOf('drizzle-kit'));
}

/**
 * drizzle-kit's API drops the parameters of its query for the name of a composite primary key, which its
 * command passes. The schema has one such key.
 */
const COMPOSITE_KEY = sql.raw(`
  SELECT conname AS primary_key FROM pg_catalog.pg_constraint
   WHERE contype = 'p' AND pg_catalog.cardinality(conkey) > 1 AND conrelid >= 16384`);

/** It reads the columns of a composite key in no particular order, and may make the same key anew. */
const RECREATES_COMPOSITE_KEY =
  /DROP CONSTRAINT "upload_requests_pkey";\s.*\sALTER TABLE .* ADD CONSTRAINT "upload_requests_pkey" PRIMARY KEY\("request_id","platform"\);$/s;

function withCompositeKey(db: NodePgDatabase): NodePgDatabase {
  const execute = db.execute.bind(db);
  db.execute = ((query: SQL) => {
    const text = new PgDialect().sqlToQuery(query).sql;
    return execute(text.includes('$1::regnamespace') ? COMPOSITE_KEY : query);
  }) as typeof db.execute;
  return db;
}

/** What `drizzle-kit push` would execute to make the tables of these schemas those of the objects. */
export async function statementsOfPush(
  objects: object,
  db: NodePgDatabase,
  schemas: readonly string[] = ['public'],
  tables?: readonly string[],
): Promise<readonly string[]> {
  const { pushSchema } = await load();
  const push = await pushSchema({ ...objects }, withCompositeKey(db), schemas, tables);
  return push.statementsToExecute.filter((statement) => !RECREATES_COMPOSITE_KEY.test(statement));
}

/** What the first migration of `drizzle-kit generate` would consist of. */
export async function statementsOfGenerate(objects: object): Promise<readonly string[]> {
  const { generateDrizzleJson, generateMigration } = await load();
  return generateMigration(generateDrizzleJson({}), generateDrizzleJson({ ...objects }));
}
