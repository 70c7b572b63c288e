import { runMigrations } from 'conversion-tracking-schema';

/** Migrates the database, or exits. */
export async function migrate(): Promise<void> {
  try {
    // Sends one statement if nothing is pending. One server migrates, the others wait.
    const { ran, alreadyApplied } = await runMigrations({
      migrationLockTimeoutMs: 60_000,
      statementTimeoutMs: 30_000,
      timeoutMs: 90_000,
    });
    console.log(`Migrated: ${ran.length} applied, ${alreadyApplied.length} were there.`);
  } catch (error) {
    // Next would keep running and answer every request with 500: exit, so that it is restarted.
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
