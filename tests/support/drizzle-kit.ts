import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
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

/** What `drizzle-kit push` would execute to make the tables of these schemas those of the objects. */
export async function statementsOfPush(
  objects: object,
  db: NodePgDatabase,
  schemas: readonly string[] = ['public'],
  tables?: readonly string[],
): Promise<readonly string[]> {
  const { pushSchema } = await load();
  return (await pushSchema({ ...objects }, db, schemas, tables)).statementsToExecute;
}

/** What the first migration of `drizzle-kit generate` would consist of. */
export async function statementsOfGenerate(objects: object): Promise<readonly string[]> {
  const { generateDrizzleJson, generateMigration } = await load();
  return generateMigration(generateDrizzleJson({}), generateDrizzleJson({ ...objects }));
}
