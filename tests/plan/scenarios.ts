import { type PlanMigrationsOptions, runMigrations } from '../../src/index.ts';
import type { TestDatabase } from '../support/database.ts';
import { HAND_MADE, HAND_MADE_ROWS } from '../support/hand-made.ts';

/** A database, and what is to be done to it. */
export interface Scenario {
  readonly options: PlanMigrationsOptions;
  readonly prepare: (db: TestDatabase) => Promise<unknown>;
}

const HOST_LEADS = 'CREATE TABLE leads (id uuid PRIMARY KEY, email text)';
const PARTITIONED_LEADS = `
  CREATE SCHEMA "Host Data";
  CREATE TABLE "Host Data".leads (id uuid PRIMARY KEY) PARTITION BY HASH (id);
  CREATE TABLE "Host Data"."Part 0" PARTITION OF "Host Data".leads
    FOR VALUES WITH (MODULUS 2, REMAINDER 0) PARTITION BY HASH (id);
  CREATE TABLE "Host Data".part_1 PARTITION OF "Host Data".leads
    FOR VALUES WITH (MODULUS 2, REMAINDER 1);
  CREATE TABLE part_0_0 PARTITION OF "Host Data"."Part 0"
    FOR VALUES WITH (MODULUS 1, REMAINDER 0);`;
const DOWN = { direction: 'down', count: Number.POSITIVE_INFINITY } as const;

/** Runs the application's SQL, and then migrations. */
function migrated(sql: string, options: PlanMigrationsOptions = {}): Scenario['prepare'] {
  return async (db) => {
    await db.query(sql);
    await runMigrations({ databaseUrl: db.url, ...options });
  };
}

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'an empty database': { options: {}, prepare: async () => {} },
  "an application's leads": { options: {}, prepare: (db) => db.query(HOST_LEADS) },
  "an application's partitioned leads in a schema of its own": {
    options: { schema: ['public', 'Host Data'] },
    prepare: (db) => db.query(PARTITIONED_LEADS),
  },
  'a schema to be created': {
    options: { schema: ['Tracking Data', 'public'], createSchema: true },
    prepare: (db) => db.query(HOST_LEADS),
  },
  'two migrations of many': { options: { count: 2 }, prepare: (db) => db.query(HOST_LEADS) },
  'one applied, with the placeholder': { options: {}, prepare: migrated('', { count: 1 }) },
  "three applied, with the application's leads": {
    options: {},
    prepare: migrated(HOST_LEADS, { count: 3 }),
  },
  'all of it back, with the placeholder': { options: DOWN, prepare: migrated('') },
  "all of it back, with the application's leads": { options: DOWN, prepare: migrated(HOST_LEADS) },
  "all of it back, with an application's partitioned leads": {
    options: { ...DOWN, schema: ['public', 'Host Data'] },
    prepare: migrated(PARTITIONED_LEADS, { schema: ['public', 'Host Data'] }),
  },
  "all of it back, with a placeholder that has become the application's": {
    options: DOWN,
    prepare: async (db) => {
      await runMigrations({ databaseUrl: db.url });
      await db.query('ALTER TABLE leads ADD COLUMN email text');
    },
  },
  'back beyond rows, with leads that the search path does not find any more': {
    options: { ...DOWN, schema: 'tracking', allowDataLoss: true },
    prepare: async (db) => {
      await db.query(`${HOST_LEADS}; CREATE TABLE accounts (id int PRIMARY KEY)`);
      const schema = ['tracking', 'public'];
      await runMigrations({ databaseUrl: db.url, schema, createSchema: true });
      await db.query(`
        INSERT INTO tracking.visitors (visitor_id) VALUES ('v');
        ALTER TABLE tracking.conversions ADD COLUMN account int REFERENCES accounts`);
    },
  },
  'the last three back': {
    options: { direction: 'down', count: 3 },
    prepare: migrated(HOST_LEADS),
  },
  'tables made by hand': {
    options: {},
    prepare: (db) =>
      db.query(`${HAND_MADE}; ${HAND_MADE_ROWS};
        CREATE POLICY everybody ON visitors USING (true);
        ALTER TABLE conversions RENAME CONSTRAINT conversions_lead_id_fkey TO my_reference;
        ALTER TABLE conversions DROP CONSTRAINT conversions_idempotency_key_key;
        DROP INDEX idx_conversions_idempotency_key;
        CREATE UNIQUE INDEX only_an_index ON conversions (idempotency_key)`),
  },
  'a record in pgmigrations of all': {
    options: {},
    prepare: migrated(HOST_LEADS, { migrationsTable: 'pgmigrations' }),
  },
  "a record in pgmigrations of some, among the application's": {
    options: {},
    prepare: async (db) => {
      await db.query(HOST_LEADS);
      await runMigrations({ databaseUrl: db.url, migrationsTable: 'pgmigrations', count: 3 });
      await db.query("INSERT INTO pgmigrations (name, run_on) VALUES ('1_of_the_host', now())");
    },
  },
};
