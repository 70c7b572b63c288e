import fc from 'fast-check';
import { look, openSession } from '../model/session.ts';
import { LEAD } from '../model/workers.ts';
import { agree, type Stakes } from './agreement.ts';
import { plans, WORKERS } from './plan.ts';
import { work } from './worker.ts';

/** Checks and retries are due at once, and each second request was accepted a day ago. */
const HURRY = `
  CREATE FUNCTION hurry_request() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
    NEW.next_check_at := clock_timestamp();
    IF TG_OP = 'INSERT' AND hashtext(NEW.request_id) % 2 = 0 THEN
      NEW.accepted_at := NEW.accepted_at - interval '1 day';
    END IF;
    RETURN NEW;
  END$$;
  CREATE TRIGGER hurry BEFORE INSERT OR UPDATE ON upload_requests FOR EACH ROW
    WHEN (NEW.status = 'processing' AND NEW.lease_id IS NULL) EXECUTE FUNCTION hurry_request();
  CREATE FUNCTION hurry_entry() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN NEW.next_retry_at := timestamptz ''2000-01-01Z''; RETURN NEW; END';
  CREATE TRIGGER hurry BEFORE UPDATE ON conversion_queue FOR EACH ROW
    WHEN (OLD.status = 'uploaded' AND NEW.status = 'failed') EXECUTE FUNCTION hurry_entry()`;
const REST = `
  ROLLBACK;
  DROP TRIGGER IF EXISTS hurry ON upload_requests;
  DROP TRIGGER IF EXISTS hurry ON conversion_queue;
  DROP FUNCTION IF EXISTS hurry_request, hurry_entry`;

/** Lets workers loose on one queue, each on a connection of its own, and throws where they disagree. */
export async function checkAtOnce(
  url: string,
  { runs, seed }: { readonly runs: number; readonly seed: number },
): Promise<Stakes[]> {
  const clients = await Promise.all(Array.from({ length: WORKERS }, () => openSession(url)));
  const [first] = clients as [(typeof clients)[0], ...typeof clients];
  const stakes: Stakes[] = [];
  try {
    await first.query(HURRY);
    await first.query('INSERT INTO leads (id) VALUES ($1) ON CONFLICT DO NOTHING', [LEAD]);
    for (const [run, lists] of fc.sample(plans, { numRuns: runs, seed }).entries()) {
      await first.query('DELETE FROM conversions; DELETE FROM upload_requests');
      try {
        const diaries = await all(clients.map((client, index) => work(client, lists[index] ?? [])));
        const { entries, requests } = await look(first);
        stakes.push(agree(diaries, entries, requests));
      } catch (cause) {
        throw new Error(`The workers of run ${run} of seed ${seed} disagree.`, { cause });
      }
    }
  } finally {
    await first.query(REST);
    await Promise.all(clients.map((client) => client.end()));
  }
  return stakes;
}

/** The first error, once all have come to an end. */
async function all<Value>(working: readonly Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(working);
  return Promise.all(working);
}
