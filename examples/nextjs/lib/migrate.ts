import { runMigrations } from 'conversion-tracking-schema';

/** Brings the schema up to date, or ends the process. */
export async function migrate(): Promise<void> {
  try {
    // With nothing pending it is one statement. One server migrates, the others wait for it.
    const { ran, alreadyApplied } = await runMigrations({
      migrationLockTimeoutMs: 60_000,
      statementTimeoutMs: 30_000,
      timeoutMs: 90_000,
    });
    console.log(`Migrated: ${ran.length} applied, ${alreadyApplied.length} were there.`);
  } catch (error) {
    // Next would stay, and answer every request with 500: let the supervisor start it again.
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
