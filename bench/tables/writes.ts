import pg from 'pg';
import { withClient } from '../../scripts/with-client.ts';
import { HAND_MADE } from '../../tests/support/hand-made.ts';
import type { Bench } from '../bench.ts';
import { interleave, time } from '../rounds.ts';
import type { BenchServer } from '../server.ts';
import {
  createReferred,
  multiRowInsert,
  singleRowInsert,
  WRITTEN,
  type WrittenTable,
} from './written-rows.ts';

/** One kind of row in one schema, written in one way. One value a round each. */
export interface WriteFigures {
  readonly schema: string;
  readonly table: string;
  /** What the rows are. */
  readonly title: string;
  /** Rows an INSERT. */
  readonly batch: number;
  readonly rowsPerSecond: readonly number[];
  /** Microseconds of the server's CPU alone; empty where the system does not tell. */
  readonly cpuPerRow: readonly number[];
  readonly walPerRow: readonly number[];
  /** What the indexes have grown by, over all rounds and both ways. */
  readonly indexBytesPerRow: number;
}

export interface WritesResult {
  readonly rounds: number;
  /** Rows that each way writes in a round. */
  readonly rows: readonly { readonly batch: number; readonly rows: number }[];
  readonly figures: readonly WriteFigures[];
}

interface Sample {
  readonly rowsPerSecond: number;
  readonly cpuPerRow: number | undefined;
  readonly walPerRow: number;
  readonly indexBytes: number;
}

/** One of the schemas compared. */
interface Contestant {
  readonly schema: string;
  /** Where it differs from those before it. */
  readonly tables: readonly string[];
  create(server: BenchServer, database: string): Promise<string>;
}

const ALL = WRITTEN.map(({ name }) => name);

const CONTESTANTS: readonly Contestant[] = [
  {
    schema: 'as shipped',
    tables: ALL,
    create: (server, database) => server.createDatabase(database),
  },
  {
    schema: 'shipped, without the check of ip_hash',
    tables: ['visitors'],
    create: async (server, database) => {
      const url = await server.createDatabase(database);
      await withClient(url, (client) =>
        client.query('ALTER TABLE visitors DROP CONSTRAINT visitors_ip_hash_check'),
      );
      return url;
    },
  },
  {
    schema: 'as the contract reads',
    tables: ALL,
    create: async (server, database) => {
      const url = await server.createEmptyDatabase(database);
      await withClient(url, (client) => client.query(HAND_MADE));
      return url;
    },
  },
];

/** What it costs to write a row, beside the contract with a second index on each unique column. */
export async function measureWrites({ server, quick, say }: Bench): Promise<WritesResult> {
  const rounds = quick ? 1 : 5;
  const rows = quick
    ? [
        { batch: 1000, rows: 2000 },
        { batch: 1, rows: 100 },
      ]
    : [
        { batch: 1000, rows: 20_000 },
        { batch: 1, rows: 1000 },
      ];
  const clients = await Promise.all(
    CONTESTANTS.map(async ({ schema, tables, create }, index) => {
      const database = `bench_writes_${index}`;
      const client = new pg.Client(await create(server, database));
      await client.connect();
      await createReferred(client);
      return { schema, tables, database, client };
    }),
  );
  const cases = rows.flatMap((way) =>
    WRITTEN.flatMap((table) =>
      clients
        .filter(({ tables }) => tables.includes(table.name))
        .map((place) => ({ ...way, ...place, table })),
    ),
  );
  const samples = await interleave<Sample>(
    rounds,
    cases.map((one) => ({
      name: `${one.table.title}, ${one.schema}, ${one.batch} an INSERT`,
      measure: () => measureInserts(server, one),
    })),
    (round, name, { rowsPerSecond, cpuPerRow = Number.NaN }) =>
      say(
        `round ${round}: ${name}: ${Math.round(rowsPerSecond)} rows/s, ${cpuPerRow.toFixed(1)} µs`,
      ),
  );
  for (const { client, database } of clients) {
    await client.end();
    await server.dropDatabase(database);
  }
  const grown = (schema: string, table: WrittenTable) =>
    cases.reduce(
      (sum, one, index) =>
        one.schema === schema && one.table === table
          ? {
              bytes: sum.bytes + total(samples[index]?.map(({ indexBytes }) => indexBytes)),
              rows: sum.rows + one.rows * rounds,
            }
          : sum,
      { bytes: 0, rows: 0 },
    );
  return {
    rounds,
    rows,
    figures: cases.map(({ schema, table, batch }, index) => {
      const own = samples[index] ?? [];
      const growth = grown(schema, table);
      return {
        schema,
        table: table.name,
        title: table.title,
        batch,
        rowsPerSecond: own.map((sample) => Math.round(sample.rowsPerSecond)),
        cpuPerRow: own.flatMap(({ cpuPerRow }) => cpuPerRow ?? []).map(oneDigit),
        walPerRow: own.map((sample) => Math.round(sample.walPerRow)),
        indexBytesPerRow: Math.round(growth.bytes / growth.rows),
      };
    }),
  };
}

async function measureInserts(
  server: BenchServer,
  how: { client: pg.Client; table: WrittenTable; rows: number; batch: number },
): Promise<Sample> {
  const { client, table, rows, batch } = how;
  const inserts = Array.from({ length: rows / batch }, () =>
    batch === 1
      ? singleRowInsert(table, table.row())
      : multiRowInsert(table, Array.from({ length: batch }, table.row)),
  );
  const before = await indexBytes(client, table);
  let ms = 0;
  let own = process.cpuUsage();
  const { walBytes, cpuMs } = await server.costOf(async () => {
    own = process.cpuUsage();
    ms = await time(async () => {
      for (const insert of inserts) await client.query(insert);
    });
    own = process.cpuUsage(own);
  });
  return {
    rowsPerSecond: (rows / ms) * 1000,
    cpuPerRow: cpuMs && (cpuMs * 1000 - own.user - own.system) / rows,
    walPerRow: walBytes / rows,
    indexBytes: (await indexBytes(client, table)) - before,
  };
}

async function indexBytes(client: pg.Client, { name }: WrittenTable): Promise<number> {
  const { rows } = await client.query<{ bytes: number }>(
    'SELECT pg_indexes_size($1::regclass)::float AS bytes',
    [name],
  );
  return rows[0]?.bytes ?? 0;
}

function total(values: readonly number[] = []): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function oneDigit(value: number): number {
  return Number(value.toFixed(1));
}
