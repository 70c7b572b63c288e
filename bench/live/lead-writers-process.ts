import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

// An application's clients that write to leads until they are told to stop: a process of their own, so that
// they share only the server and the processors with the installer.

/** One write: when it was sent, as Date.now() counts, and how long it took, in milliseconds. */
export type Write = readonly [at: number, ms: number];

/** Of a lead that the long transaction has not written to. */
const UPDATE =
  "UPDATE leads SET email = $2, updated_at = now() WHERE id = md5('lead ' || $1)::uuid";
const INSERT = "INSERT INTO leads (email) VALUES ('new-' || $1 || $2)";
const PAUSE_MS = 2;

const [url = '', clients, rows] = process.argv.slice(2);
const writes: Write[] = [];
let stopped = false;

async function write(client: pg.Client, turn: number): Promise<void> {
  const lead = 2 + Math.floor(Math.random() * (Number(rows) - 1));
  const start = performance.now();
  await client.query(turn % 2 === 0 ? UPDATE : INSERT, [lead, `${turn}@example.com`]);
  writes.push([performance.timeOrigin + start, performance.now() - start]);
}

const connected = await Promise.all(
  Array.from({ length: Number(clients) }, async () => {
    const client = new pg.Client(url);
    await client.connect();
    return client;
  }),
);
process.once('message', () => {
  stopped = true;
});
process.once('disconnect', () => process.exit(1));
process.send?.('ready');
await Promise.all(
  connected.map(async (client) => {
    for (let turn = 0; !stopped; turn += 1) {
      await write(client, turn);
      await sleep(PAUSE_MS);
    }
    await client.end();
  }),
);
process.removeAllListeners('disconnect');
process.send?.(writes, () => process.disconnect());
