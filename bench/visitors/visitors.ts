import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { withClient } from '../../scripts/with-client.ts';
import { HAND_MADE } from '../../tests/support/hand-made.ts';
import type { Bench } from '../bench.ts';
import type { Column, Line, SectionResult } from '../lines.ts';
import { interleave } from '../rounds.ts';

const COLUMNS: readonly Column[] = [
  { name: 'conversion-tracking-schema', role: 'ours' },
  { name: "the contract's table", role: 'limit' },
];

/** A visitor after a click on an ad, with values as long as those of Google and of browsers. */
const CLICKED = {
  visitor_id: () => randomUUID(),
  gclid: () => `EAIaIQobChMI${randomUUID()}${randomUUID()}EAAYASAA`,
  utm_source: () => 'google',
  utm_medium: () => 'cpc',
  utm_campaign: () => 'spring-offer',
  ip_hash: () => '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  user_agent: () =>
    'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36',
  landing_page: () => 'https://example.com/landing?gclid=1',
  referrer: () => 'https://www.google.com/',
};
const NAMES = Object.keys(CLICKED).join(', ');
const newVisitor = () => Object.values(CLICKED).map((value) => value());

const ROW_BY_ROW = `INSERT INTO visitors (${NAMES}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;
const IN_BATCHES = `INSERT INTO visitors (${NAMES}) SELECT * FROM unnest($1::text[], $2::text[], $3::text[],
  $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])`;
/** The least that an application does about a visitor who comes again. */
const TOUCH =
  'INSERT INTO visitors (visitor_id) VALUES ($1) ON CONFLICT (visitor_id) DO UPDATE SET last_seen_at = now()';
const UPSERT = 'SELECT * FROM upsert_visitor($1)';
const KNOWN = 1000;

type Work = (client: pg.Client, ours: boolean) => Promise<void>;

/** What it costs to write a visitor, beside the contract's table without checks and with plain statements. */
export async function measureVisitors(bench: Bench): Promise<SectionResult> {
  const { server, quick } = bench;
  const [rows, batches] = quick ? [50, 1] : [2000, 20];
  const works: readonly { what: string; rows: number; work: Work }[] = [
    {
      ...{ what: 'a new visitor, a row an INSERT', rows },
      work: async (client) => {
        for (let row = 0; row < rows; row += 1) await client.query(ROW_BY_ROW, newVisitor());
      },
    },
    {
      ...{ what: 'new visitors, 1,000 rows an INSERT', rows: batches * 1000 },
      work: async (client) => {
        for (let batch = 0; batch < batches; batch += 1) {
          const visitors = Array.from({ length: 1000 }, newVisitor);
          await client.query(
            IN_BATCHES,
            Object.keys(CLICKED).map((_, index) => visitors.map((visitor) => visitor[index])),
          );
        }
      },
    },
    {
      ...{ what: 'a visit of a known visitor', rows },
      work: async (client, ours) => {
        for (let row = 0; row < rows; row += 1) {
          await client.query(ours ? UPSERT : TOUCH, [`known ${row % KNOWN}`]);
        }
      },
    },
  ];
  const clients: { column: Column; client: pg.Client }[] = [];
  for (const [index, column] of COLUMNS.entries()) {
    const url = await (column.role === 'ours'
      ? server.createDatabase('bench_visitors')
      : server.createEmptyDatabase(`bench_visitors_${index}`));
    if (column.role !== 'ours') await withClient(url, (client) => client.query(HAND_MADE));
    const client = new pg.Client(url);
    await client.connect();
    clients.push({ column, client });
  }
  const lines: Line[] = [];
  for (const { what, rows: count, work } of works) {
    const samples = await interleave(
      bench,
      what,
      clients.map(({ column, client }) => ({
        name: column.name,
        measure: async () => {
          await startAnew(client);
          const { cpuMs, walBytes } = await server.costOf(() =>
            work(client, column.role === 'ours'),
          );
          return { cpu: (cpuMs * 1000) / count, wal: walBytes / count };
        },
      })),
      { seconds: 12, least: 3, most: 9 },
    );
    const line = (more: string, unit: string, own: Line['samples'] = {}): Line => ({
      ...{ what: `${what}, ${more}`, unit, samples: own, better: 'less' },
    });
    lines.push(line("the server's CPU", 'µs/row', samples.cpu));
    lines.push(line('WAL', 'bytes/row', samples.wal));
  }
  for (const { client } of clients) await client.end();
  return { columns: COLUMNS, lines };
}

/** Leaves the known visitors alone. */
async function startAnew(client: pg.Client): Promise<void> {
  await client.query('TRUNCATE visitors CASCADE');
  await client.query(
    `INSERT INTO visitors (visitor_id) SELECT 'known ' || i FROM generate_series(0, ${KNOWN - 1}) i`,
  );
  await client.query('VACUUM (ANALYZE) visitors');
}
