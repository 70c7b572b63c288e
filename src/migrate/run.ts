import type { Connection } from '../db/connection.ts';
import type { Deadline } from '../db/deadline.ts';
import { type QualifiedName, quote } from '../db/quoting.ts';
import type { MigrationEvent } from '../events.ts';
import type { Migration } from '../schema/migrations.ts';
import type { Settings } from '../settings.ts';
import { appliedMigrations } from './compatibility.ts';
import type { MigrationsTable } from './migrations-table.ts';
import { refuseDownBelowUnknown, selectMigrations } from './selection.ts';

/** One migration that a call has run. */
export interface MigrationRun {
  readonly name: string;
  readonly durationMs: number;
}

/** What a run needs at every step. */
export interface Run {
  readonly settings: Settings;
  readonly clock: Deadline;
  readonly connection: Connection;
  readonly emit: (event: MigrationEvent) => void;
}

/** A migrations table as read, and what follows from it. */
export interface Work {
  readonly applied: readonly string[];
  readonly selected: readonly Migration[];
}

/** What came of it: `ran` is empty where another migrator was faster. */
export interface Outcome {
  readonly work: Work;
  readonly ran: readonly MigrationRun[];
  /** Taken over from a schema that others had made: recorded, but not run. */
  readonly adopted: readonly string[];
}

/** What is to be done, given what the migrations table says. */
export function workFor(migrationsTable: MigrationsTable, settings: Settings): Work {
  refuseDownBelowUnknown(migrationsTable, settings);
  const applied = appliedMigrations(migrationsTable, quote(migrationsTableName(settings)));
  return { applied, selected: selectMigrations(applied.length, settings) };
}

/** The migrations table's place: in the first schema. */
export function migrationsTableName({ schemas, migrationsTable }: Settings): QualifiedName {
  return { schema: schemas[0], table: migrationsTable };
}
