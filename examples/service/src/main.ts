import { once } from 'node:events';
import { AbortedError, runMigrations } from 'conversion-tracking-schema';
import { runUploads, trackingQueue } from 'conversion-tracking-schema/queue';
import pg from 'pg';
import { buildApp } from './app.ts';
import { checkRequest, uploadConversions } from './data-manager.ts';
import { readSettings } from './settings.ts';
import { logUploads } from './upload-log.ts';

/** Migrates, serves and uploads until SIGTERM or SIGINT; then finishes what has begun. */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

  const pool = new pg.Pool({
    connectionString: settings.databaseUrl,
    max: 10,
    connectionTimeoutMillis: 5_000,
  });
  const queue = trackingQueue(pool);
  const app = await buildApp(pool, queue, settings);
  // Without a listener, an idle connection that breaks would end the process.
  pool.on('error', (error) => app.log.error(error, 'an idle connection broke'));

  try {
    // With nothing pending it is one statement. Every replica calls it: one migrates, others wait.
    const { ran, alreadyApplied, durationMs } = await runMigrations({
      dbClient: pool,
      migrationLockTimeoutMs: 60_000,
      statementTimeoutMs: 30_000,
      timeoutMs: 90_000,
      signal: stop.signal,
    });
    const counts = { ran: ran.length, alreadyApplied: alreadyApplied.length, durationMs };
    app.log.info(counts, 'migrated');

    await app.listen({ host: settings.host, port: settings.port });
    const uploads = runUploads({
      queue,
      upload: (entries) => uploadConversions(settings.dataManager, entries),
      checkRequest: ({ request_id }) => checkRequest(settings.dataManager, request_id),
      pollMs: settings.uploadIntervalMs,
      signal: stop.signal,
      onEvent: logUploads(app.log),
    });
    if (!stop.signal.aborted) await once(stop.signal, 'abort');
    app.log.info('stopping');
    await Promise.all([app.close(), uploads]);
  } catch (error) {
    // Told to stop while it migrated: rolled back, and no failure.
    if (!(error instanceof AbortedError)) throw error;
  } finally {
    await app.close();
    await pool.end();
  }
  app.log.info('stopped');
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
