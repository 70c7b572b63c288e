import { importLibrary } from '../tool.ts';

interface Boss {
  on(event: 'error', listener: (error: Error) => void): void;
  start(): Promise<unknown>;
  stop(options: { graceful: false }): Promise<void>;
}

interface PgBossModule {
  readonly PgBoss: new (options: {
    connectionString: string;
    /** No cron. */
    schedule: false;
    /** No maintenance, no monitoring. */
    supervise: false;
  }) => Boss;
}

const { PgBoss } = await importLibrary<PgBossModule>('pg-boss');

export async function boot(url: string): Promise<void> {
  const boss = new PgBoss({ connectionString: url, schedule: false, supervise: false });
  boss.on('error', () => {});
  await boss.start();
  await boss.stop({ graceful: false });
}
