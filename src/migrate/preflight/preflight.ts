import type { Connection } from '../../db/connection.ts';
import { PreflightError, type PreflightFailure } from '../../errors.ts';
import { CONTRACT_TABLES, type Migration } from '../../schema/migrations.ts';
import type { Settings } from '../../settings.ts';
import { type Facts, readFacts } from './facts.ts';
import { findConflicts } from './rules.ts';

/** What the preflight found: what to create first, and what conflicts. */
export interface Preflight {
  readonly facts: Facts;
  readonly hasMigrationsTable: boolean;
  /** Whether the first schema has to be created. */
  readonly missingSchema: boolean;
  /** Tables of the contract's names in the first schema. */
  readonly tables: readonly string[];
  /** Other tables in the first schema that have the shape of a migrations table. */
  readonly otherMigrationsTables: readonly string[];
  /**
   * Refuses migrations that conflict with the database.
   *
   * @param differences - conflicts found elsewhere
   * @throws {PreflightError} with every conflict
   */
  refuse(selected: readonly Migration[], differences: readonly PreflightFailure[]): void;
}

/** Looks at the database before the first change. */
export async function preflight(connection: Connection, settings: Settings): Promise<Preflight> {
  const facts = await readFacts(connection, settings);
  const { migrationsTable } = settings;
  const names = facts.relations.map(({ name }) => name);
  return {
    facts,
    hasMigrationsTable: names.includes(migrationsTable),
    missingSchema: facts.schemas[0]?.exists === false,
    tables: names.filter((name) => CONTRACT_TABLES.includes(name)),
    otherMigrationsTables: facts.migrationsTables.filter((name) => name !== migrationsTable),
    refuse(selected, differences) {
      const failures = findConflicts(facts, settings, selected, differences);
      if (failures.length > 0) throw new PreflightError(failures);
    },
  };
}
