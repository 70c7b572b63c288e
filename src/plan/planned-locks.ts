import type { Assessment } from '../migrate/assess.ts';
import type { Facts } from '../migrate/preflight/facts.ts';
import type { Session } from '../migrate/session.ts';
import type { Migration } from '../schema/migrations.ts';
import { MIGRATION_LOCKS } from './migration-locks.ts';
import type { PlannedLock } from './migration-plan.ts';

const ACCESS_EXCLUSIVE = 'ACCESS EXCLUSIVE';

/** Returns the locks that a run takes on tables that exist before it, in order. */
export function plannedLocks(
  { settings: { direction } }: Pick<Session, 'settings'>,
  { selection, preflight: { facts }, baseline, dataAtRisk }: Assessment,
): readonly PlannedLock[] {
  const first = [...dataAtRisk.map(({ table }) => table), ...(baseline?.alters ?? [])].flatMap(
    (table) => ours(facts, table),
  );
  return [
    ...first.map((table) => ({ table, mode: ACCESS_EXCLUSIVE, migration: undefined })),
    ...selection.selected.flatMap((migration) => {
      const held = direction === 'up' ? locksUp(facts, migration) : locksDown(facts, migration);
      return [...held].map(([table, mode]) => ({ table, mode, migration: migration.name }));
    }),
  ];
}

type Locks = ReadonlyMap<string, string>;

/** Up, `leads` is the table on the search path: the application's, or the placeholder of an earlier run. */
function locksUp(facts: Facts, { name }: Migration): Locks {
  const { leads } = facts;
  const found = leads ? [leads.name, ...leads.partitions] : [];
  return new Map(
    Object.entries(MIGRATION_LOCKS[name]?.up ?? {}).flatMap(([table, mode]) =>
      (table === 'leads' ? found : ours(facts, table)).map((one) => [one, mode] as const),
    ),
  );
}

/**
 * Dropping a table drops its foreign keys, including the application's; each locks the table it
 * references. One of these is the application's `leads`, even in another schema.
 */
function locksDown(facts: Facts, { name, creates }: Migration): Locks {
  const declared = Object.entries(MIGRATION_LOCKS[name]?.down ?? {});
  const dropped = facts.relations.filter((relation) => creates.includes(relation.name));
  return new Map([
    ...declared
      .filter(([table]) => table !== 'leads' || creates.includes('leads'))
      .flatMap(([table, mode]) => ours(facts, table).map((one) => [one, mode] as const)),
    ...dropped
      .flatMap(({ refersTo }) => refersTo)
      .map((table) => [table, ACCESS_EXCLUSIVE] as const),
  ]);
}

/** A table of the package, if it exists. The package's `leads` is the placeholder. */
function ours({ relations, placeholder }: Facts, table: string): readonly string[] {
  if (table === 'leads') return placeholder === null ? [] : [placeholder];
  return relations.filter(({ name }) => name === table).map(({ qualified }) => qualified);
}
