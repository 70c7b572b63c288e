import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { InvalidOptionError, runMigrations } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { createDatabase, onServer, uniqueName } from '../support/database.ts';
import { HAND_MADE } from '../support/hand-made.ts';
import { tally } from '../support/tally.ts';

/** fast-check prints it with the name that failed. */
const SEED = 20261122;

const NAMES = migrations.map(({ name }) => name);
const EVERYTHING_DOWN = { direction: 'down', count: Number.POSITIVE_INFINITY } as const;

/** Would be dropped by a name that gets to run as SQL. */
const CANARY = "CREATE TABLE public.canary (song text); INSERT INTO public.canary VALUES ('tweet')";

/** Pieces that mean something to SQL, to PL/pgSQL, to format(), to node-pg-migrate or to a terminal. */
const SYNTAX = [
  ...'\\ ; -- /* */ $ $$ $1 $body$ $migrations table$ $schema$ $access$'.split(' '),
  ...'% %I %L %s { } {schema} . , ( ) :: ` * ? @ #'.split(' '),
  ' ',
  '; DROP TABLE canary; --',
];
const WORDS = ['select', 'NULL', 'table', 'PUBLIC', 'current_user', 'Tracking', 'x', '0'];
const UNICODE = [
  'é',
  'e\u0301', // e and a combining accent: another name than the one above
  '😀',
  '漢字',
  'ß',
  '\u00a0', // no-break space
  '\u200b', // zero-width space
  '\u2028', // line separator
  '\u202e', // right-to-left override
  '\ufeff', // byte order mark
];
const QUOTES = ['"', "'", '"; DROP TABLE canary; --', "'); DROP TABLE canary; --"];
const FOR_THE_SERVER = ['\n', '\t', '\u007f', '\ud800', 'pg_'];

/** One to five pieces, now and then filled up to a length around the limit of 63 bytes. */
function hostileName(...rarely: string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...SYNTAX) },
    { weight: 6, arbitrary: fc.constantFrom(...WORDS) },
    { weight: 8, arbitrary: fc.constantFrom(...UNICODE) },
    { weight: 1, arbitrary: fc.constantFrom(...rarely) },
  );
  const pieces = fc.array(piece, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
  const length = fc.oneof(
    { weight: 5, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(62, 63, 64, 70) },
  );
  return fc
    .tuple(pieces, length)
    .map(([name, bytes]) => name + '_'.repeat(Math.max(0, bytes - Buffer.byteLength(name))));
}

/** Runs a property over names, and counts; fast-check says which name failed. */
async function forNames<Names extends [unknown, ...unknown[]]>(
  fault: string,
  property: fc.IAsyncPropertyWithHooks<Names>,
  parameters: fc.Parameters<Names>,
  counts: Record<'tried' | 'worked' | 'refused', number>,
): Promise<void> {
  try {
    await fc.assert(property, { seed: SEED, endOnFailure: true, ...parameters });
  } finally {
    const { tried, worked, refused } = counts;
    const note = `${worked} worked, ${refused} refused`;
    tally({ fault, tried, survived: worked + refused, note });
  }
}

describe('names of schema and migrationsTable', () => {
  let client: pg.Client;
  let ownObjects: string[];
  const counts = { tried: 0, worked: 0, refused: 0 };

  beforeAll(async () => {
    const { url } = await createDatabase();
    client = new pg.Client(url);
    await client.connect();
    await client.query(CANARY);
    await runMigrations({ dbClient: client, schema: 'plain', createSchema: true });
    ownObjects = await objects('plain', 'tracking_migrations');
    await client.query('DROP SCHEMA plain CASCADE');
  });
  afterAll(() => client.end());

  /** Relations and functions of a schema, without the migrations table and what belongs to it. */
  async function objects(schema: string, migrationsTable: string): Promise<string[]> {
    const { rows } = await client.query<{ name: string }>(
      `WITH migrationsTable AS (
         SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = $1 AND c.relname = $2)
       SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.oid NOT IN (
          SELECT oid FROM migrationsTable
          UNION SELECT indexrelid FROM pg_index JOIN migrationsTable ON indrelid = migrationsTable.oid
          UNION SELECT objid FROM pg_depend JOIN migrationsTable ON refobjid = migrationsTable.oid AND classid = 'pg_class'::regclass)
       UNION ALL
       SELECT p.proname || '()' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1
        ORDER BY 1`,
      [schema, migrationsTable],
    );
    return rows.map(({ name }) => name);
  }

  /** Everything that is not the server's own, and not in the schema given. */
  async function outside(schema: string): Promise<string[]> {
    const { rows } = await client.query<{ name: string }>(
      `WITH s AS (SELECT * FROM pg_namespace
                   WHERE nspname <> $1 AND nspname !~ '^pg_' AND nspname <> 'information_schema')
       SELECT nspname AS name FROM s
       UNION ALL SELECT nspname || ' ' || relname FROM pg_class JOIN s ON s.oid = relnamespace
       UNION ALL SELECT nspname || ' ' || proname FROM pg_proc JOIN s ON s.oid = pronamespace
       UNION ALL SELECT song FROM public.canary
        ORDER BY 1`,
      [schema],
    );
    return rows.map(({ name }) => name);
  }

  /** The migrations table as node-pg-migrate's CLI would make it: columns, then the names recorded. */
  async function columnsAndNames(schema: string, table: string): Promise<unknown[]> {
    const columns = await client.query(
      `SELECT attname || ' ' || format_type(atttypid, atttypmod) AS line FROM pg_attribute
         JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = $2 AND attnum > 0 ORDER BY attnum`,
      [schema, table],
    );
    const place = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`;
    const names = await client.query(`SELECT name AS line FROM ${place} ORDER BY id`);
    return [...columns.rows, ...names.rows].map(({ line }) => line);
  }

  const MIGRATIONS_TABLE = [
    'id integer',
    'name character varying(255)',
    'run_on timestamp without time zone',
  ];
  const UNTOUCHED = ['public', 'public canary', 'tweet'];

  async function expectRefusedOrRight(schema: string, migrationsTable: string): Promise<void> {
    counts.tried += 1;
    const options = { dbClient: client, schema, migrationsTable, createSchema: true };
    const first = await runMigrations(options).catch((error: unknown) => error);
    if (first instanceof InvalidOptionError) {
      expect(['schema', 'migrationsTable']).toContain(first.option);
      expect(await outside('')).toEqual(UNTOUCHED);
      counts.refused += 1;
      return;
    }
    try {
      if (first instanceof Error) throw first;
      expect(await runMigrations(options)).toMatchObject({ ran: [], alreadyApplied: NAMES });
      expect(await columnsAndNames(schema, migrationsTable)).toEqual([
        ...MIGRATIONS_TABLE,
        ...NAMES,
      ]);
      expect(await objects(schema, migrationsTable)).toEqual(ownObjects);
      expect(await outside(schema)).toEqual(UNTOUCHED);
      const { ran } = await runMigrations({ ...options, ...EVERYTHING_DOWN });
      expect(ran).toHaveLength(NAMES.length);
      expect(await objects(schema, migrationsTable)).toEqual([]);
      expect(await columnsAndNames(schema, migrationsTable)).toEqual(MIGRATIONS_TABLE);
      expect(await outside(schema)).toEqual(UNTOUCHED);
      counts.worked += 1;
    } finally {
      await client.query(`DROP SCHEMA IF EXISTS ${pg.escapeIdentifier(schema)} CASCADE`);
    }
  }

  test('are refused before anything is touched, or work in full, and are never run as SQL', async () => {
    const name = hostileName(...QUOTES, ...FOR_THE_SERVER);
    await forNames(
      'hostile names of schema and migrationsTable',
      fc.asyncProperty(name, name, expectRefusedOrRight),
      {
        numRuns: 80,
        examples: [
          ['x"; DROP TABLE canary; --', 'migrationsTable'],
          ["x'); DROP TABLE canary; --", 'migrationsTable'],
          ['x', "x'); DROP TABLE canary; --"],
          ['x', 'x"; DROP TABLE canary; --'],
          ['$migrationsTable$; DROP TABLE canary; --', 'migrationsTable'],
          ['x', '$migrationsTable$; DROP TABLE canary; --'],
          ['$schema$; DROP TABLE canary; --', 'migrationsTable'],
          ['$user', 'migrationsTable'], // the role's own schema, to a search_path
          ['pg_\u2028', 'migrationsTable'],
          ['x', 'leads'],
          ['x', 'leads_pkey'],
          ['x', 'visitors_pkey'],
          ['x', 'idx_visitors_gclid'],
          ['x'.repeat(63), 'y'.repeat(63)],
          ['é'.repeat(32), 'migrationsTable'],
        ],
      },
      counts,
    );
    // Neither half of the rule may come to hold for want of cases.
    expect(counts.worked).toBeGreaterThan(35);
    expect(counts.refused).toBeGreaterThan(10);
  });

  test.each(['$access$', '$comment$', '$migrationsTable$'])(
    'do not hinder an adoption: %s',
    async (tag) => {
      const [bare, byHand] = [`bare ${tag}`, `by hand ${tag}`];
      const options = { dbClient: client, createSchema: true };
      await runMigrations({ ...options, schema: bare, migrationsTable: 'pgmigrations' });
      expect(await runMigrations({ ...options, schema: bare })).toMatchObject({ adopted: NAMES });
      await client.query(`CREATE SCHEMA "${byHand}"; SET search_path = "${byHand}"; ${HAND_MADE}`);
      expect(await runMigrations({ ...options, schema: byHand })).toMatchObject({
        adopted: expect.arrayContaining([NAMES[1]]),
      });
      await client.query(
        `RESET search_path; DROP SCHEMA "${bare}" CASCADE; DROP SCHEMA "${byHand}" CASCADE`,
      );
    },
  );
});

describe('names of databases', () => {
  const counts = { tried: 0, worked: 0, refused: 0 };

  async function expectRight(hostile: string): Promise<void> {
    counts.tried += 1;
    // Roles and databases are the server's: another run may be at work on the same names.
    const database = [...hostile].slice(0, 10).join('') + uniqueName('');
    const { hostname, port, username, password } = new URL(inject('serverUrl'));
    const databaseUrl = {
      host: hostname,
      port: Number(port),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database,
    };
    await expect(runMigrations({ databaseUrl })).rejects.toMatchObject({
      code: 'DATABASE_NOT_FOUND',
    });
    await onServer(`CREATE DATABASE ${pg.escapeIdentifier(database)}`);
    try {
      const client = new pg.Client(databaseUrl);
      await client.connect();
      try {
        await client.query(CANARY);
        expect((await runMigrations({ databaseUrl })).ran).toHaveLength(NAMES.length);
        expect(await runMigrations({ databaseUrl })).toMatchObject({ alreadyApplied: NAMES });
        expect((await client.query('SELECT name FROM tracking_migrations')).rows).toHaveLength(
          NAMES.length,
        );
        await runMigrations({ databaseUrl, ...EVERYTHING_DOWN });
        expect((await client.query('SELECT FROM canary')).rows).toHaveLength(1);
      } finally {
        await client.end();
      }
      counts.worked += 1;
    } finally {
      await onServer(`DROP DATABASE ${pg.escapeIdentifier(database)} WITH (FORCE)`);
    }
  }

  test('all work, quotes and all', async () => {
    await forNames(
      'hostile names of databases',
      fc.asyncProperty(hostileName(...QUOTES), expectRight),
      {
        numRuns: 16,
        examples: [['x"; DROP TABLE canary; --'], ["x'); DROP TABLE canary; --"], ["'"], ['"']],
      },
      counts,
    );
    expect(counts).toEqual({ tried: 16, worked: 16, refused: 0 });
  });
});
