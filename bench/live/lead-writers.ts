import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import type { Write } from './lead-writers-process.ts';

/** An application's own leads, so many; the first is for the long transaction alone. */
export async function createLeads(client: pg.Client, rows: number): Promise<void> {
  await client.query(
    `CREATE TABLE leads (
       id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text, updated_at timestamptz NOT NULL DEFAULT now())`,
  );
  await client.query(
    "INSERT INTO leads (id, email) SELECT md5('lead ' || i)::uuid, i || '@example.com' FROM generate_series(1, $1::integer) i",
    [rows],
  );
  await client.query('VACUUM (ANALYZE) leads');
}

export interface LeadWriters {
  /** Ends them, and returns all of their writes. */
  stop(): Promise<readonly Write[]>;
}

/** Clients that write to leads without end. */
export async function startLeadWriters(
  url: string,
  clients: number,
  rows: number,
): Promise<LeadWriters> {
  const child = fork(fileURLToPath(new URL('lead-writers-process.ts', import.meta.url)), [
    url,
    `${clients}`,
    `${rows}`,
  ]);
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`The writers have ended with exit code ${code}.`);
  });
  failed.catch(() => {});
  await Promise.race([once(child, 'message'), failed]);
  return {
    stop: async () => {
      const answer = once(child, 'message');
      child.send('stop');
      const [writes] = await Promise.race([answer, failed]);
      return writes;
    },
  };
}
