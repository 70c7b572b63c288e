import { block } from '../../migrations/shared/block.ts';
import { CLOSE_MIGRATIONS_TABLE } from '../../migrations/shared/migrations-table.ts';
import { giveToOwner } from '../../migrations/shared/owner.ts';
import { doBlock, identifier, literal, type QualifiedName, quote } from '../db/quoting.ts';

/** Returns the statement that creates a migrations table in node-pg-migrate's shape. */
export function createTable(table: string): string {
  return `CREATE TABLE ${table} (
      id serial PRIMARY KEY,
      name varchar(255) NOT NULL,
      run_on timestamp NOT NULL
    )`;
}

/** SQL: the schema of the table, which need not be the first of the search path. */
const OF_TARGET = '(SELECT t.relnamespace FROM pg_class t WHERE t.oid = target)';

/**
 * Returns the body of a block that gives a new migrations table the owner of the tables, and revokes all
 * privileges on it except service_role's.
 */
export function revokePrivileges(table: string): string {
  const declare = `
    target CONSTANT pg_catalog.regclass := ${literal(table)};
    id_sequence pg_catalog.regclass;
    grantee pg_catalog.text;`;
  return block(declare, giveToOwner('TABLE', OF_TARGET) + CLOSE_MIGRATIONS_TABLE);
}

/**
 * Returns the statements that create the migrations table, private to its owner and service_role, and
 * before it the schema.
 *
 * @param withSchema - whether the schema is missing and was asked for
 */
export function createMigrationsTable(name: QualifiedName, withSchema: boolean): string {
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
    ${createTable(table)};
    ${doBlock(revokePrivileges(table))}`;
}
