import type { Connection } from '../../db/connection.ts';
import { PreflightError, type PreflightFailure } from '../../errors.ts';
import { CONTRACT_TABLES, type Migration } from '../../schema/migrations.ts';
import type { Settings } from '../../settings.ts';
import { type Facts, readFacts } from './facts.ts';
import { evaluate } from './rules.ts';

/** What the preflight says: what to create first, and what stands in the way. */
export interface Preflight {
  readonly facts: Facts;
  readonly hasMigrationsTable: boolean;
  /** The first schema is to be created. */
  readonly missingSchema: boolean;
  /** Tables of the contract's names in the first schema. */
  readonly tables: readonly string[];
  /** Tables of a migrations table's shape in the first schema, but for our own migrations table. */
  readonly otherMigrationsTables: readonly string[];
  /**
   * @param differences - what else was found
   * @throws {PreflightError} with everything that stands in the way of these migrations
   */
  refuse(selected: readonly Migration[], differences: readonly PreflightFailure[]): void;
}

/** Finds out what is there and what stands in the way, before the first change. */
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
      const failures = [...evaluate(facts, settings, selected), ...differences];
      if (failures.length > 0) throw new PreflightError(failures);
    },
  };
}
