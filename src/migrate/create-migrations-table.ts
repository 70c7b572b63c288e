import { block } from '../../migrations/shared/block.ts';
import { CLOSE_MIGRATIONS_TABLE } from '../../migrations/shared/migrations-table.ts';
import { doBlock, identifier, literal, type QualifiedName, quote } from '../db/quoting.ts';

/** The statement that creates a migrations table in node-pg-migrate's own shape. */
export function migrationsTableTable(table: string): string {
  return `CREATE TABLE ${table} (
      id serial PRIMARY KEY,
      name varchar(255) NOT NULL,
      run_on timestamp NOT NULL
    )`;
}

/** The inside of a block that closes a migrations table to everybody but its owner and service_role. */
export function closingMigrationsTable(table: string): string {
  const declare = `
    target CONSTANT regclass := ${literal(table)};
    id_sequence regclass;
    grantee text;`;
  return block(declare, CLOSE_MIGRATIONS_TABLE);
}

/**
 * What creates the migrations table in node-pg-migrate's own shape, closed to everybody but its owner and
 * service_role, and before it the schema, where that is missing and was asked for.
 */
export function migrationsTableCreation(name: QualifiedName, withSchema: boolean): string {
  const table = quote(name);
  const schema = identifier(name.schema);
  const grantUsage = block(
    '',
    `
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'service_role') THEN
      GRANT USAGE ON SCHEMA ${schema} TO service_role;
    END IF;`,
  );
  const createSchema = `CREATE SCHEMA ${schema}; ${doBlock(grantUsage)};`;
  return `${withSchema ? createSchema : ''}
    ${migrationsTableTable(table)};
    ${doBlock(closingMigrationsTable(table))}`;
}
