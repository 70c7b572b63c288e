import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { migrations } from '../../src/schema/migrations.ts';
import { createDatabase } from '../support/database.ts';
import { install, type Project, unpack } from './installed.ts';

/** An application that uses the types; each expected error is one only if the types are right. */
const APPLICATION = `
import {
  type ErrorCode,
  InvalidOptionError,
  type MigrationEvent,
  PreflightError,
  DataLossError,
  type RunMigrationsOptions,
  type RunMigrationsResult,
  runMigrations,
  TrackingSchemaError,
} from 'conversion-tracking-schema';
import { type ClaimedConversion, hashIp, trackingQueue } from 'conversion-tracking-schema/queue';
import type { Database, Tables, WithTracking } from 'conversion-tracking-schema/supabase';
import type { NewVisitor, QueueStatus, Visitor } from 'conversion-tracking-schema/types';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const events: MigrationEvent['type'][] = [];
const options: RunMigrationsOptions = {
  dbClient: pool,
  schema: ['public'],
  logger: { info() {}, warn() {}, error() {} },
  onEvent: ({ type }) => events.push(type),
};
const result: RunMigrationsResult = await runMigrations(options);
const names: readonly string[] = result.ran.map(({ name }) => name);
const durations: number[] = result.ran.map(({ durationMs }) => durationMs);

/** Told apart by class. */
function describe(error: unknown): string {
  if (error instanceof DataLossError) return \`lost \${error.rows.visitors?.toFixed(0)}\`;
  if (error instanceof PreflightError) return error.failures.map(({ fix }) => fix).join();
  if (error instanceof InvalidOptionError) return \`\${error.option} \${error.code}\`;
  if (error instanceof TrackingSchemaError) return switchOn(error.code);
  throw error;
}

/** Told apart by code. */
function switchOn(code: ErrorCode): string {
  switch (code) {
    case 'INVALID_OPTION':
      return 'by code';
    // @ts-expect-error There is no such code.
    case 'NO_SUCH_CODE':
      return 'never';
    default:
      return code;
  }
}

const seen: string[] = [];
// @ts-expect-error It is called databaseUrl.
await runMigrations({ databaseURL: 'postgres://' }).catch((e) => seen.push(describe(e)));
// @ts-expect-error A number is no direction.
await runMigrations({ direction: 1 }).catch((e) => seen.push(describe(e)));
// @ts-expect-error A pool has no text.
await runMigrations({ dbClient: 'postgres://' }).catch((e) => seen.push(describe(e)));
// @ts-expect-error The result is not to be changed.
result.alreadyApplied.push('');
result.alreadyApplied satisfies readonly string[];
await pool.query("INSERT INTO visitors (visitor_id) VALUES ('v')");
await runMigrations({ dbClient: pool, direction: 'down', count: Infinity }).catch((e) => {
  seen.push(describe(e));
});
await runMigrations({ dbClient: pool, count: 0 }).catch((e: TrackingSchemaError) => {
  seen.push(switchOn(e.code));
});
const visitor: NewVisitor = { visitor_id: 'x', gclid: null };
const { rows } = await pool.query<Visitor>('INSERT INTO visitors (visitor_id) VALUES ($1) RETURNING *', [visitor.visitor_id]);
const lastSeen: Date | undefined = rows[0]?.last_seen_at;
// @ts-expect-error There is no such status.
const status: QueueStatus = lastSeen ? 'processing' : 'pending';
type Merged = WithTracking<{ public: { Tables: { teams: { Row: { name: string } } } } }>['public']['Tables'];
const teams: keyof Merged = 'teams';
const overRest: Merged['visitors']['Row'] | Database<'tracking'>['tracking']['Tables']['visitors']['Row'] | null = null;
overRest satisfies Tables<'visitors'> | null;
// @ts-expect-error There is no such table.
const unknown: keyof Merged = teams && 'sessions';
const queue = trackingQueue(pool, { schema: 'public' });
const claimed: readonly ClaimedConversion[] = await queue.claimConversions({ limit: 1 });
const ids: string[] = claimed.map(({ id }) => id);
// @ts-expect-error There is no such type of conversion.
await queue.recordConversion({ lead_id: '', conversion_type: 'won' }).catch((e) => seen.push(describe(e)));
// @ts-expect-error A failure names its lease.
await queue.failConversions({ ids, error: 'x' }).catch((e) => seen.push(describe(e)));
await using_(await pool.connect());
async function using_(client: pg.PoolClient): Promise<void> {
  await trackingQueue(client).upsertVisitor({ visitor_id: 'w', ip_hash: hashIp('::1', 'k'.repeat(16)) });
  client.release();
}
await pool.end();
console.log(JSON.stringify({ ran: names.length, timed: durations.length, events: events.length, seen }));
`;

const STRICT = {
  target: 'es2023',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmitOnError: true,
  outDir: 'out',
};

let project: Project;

beforeAll(async () => {
  project = await install('pg', '@types/pg', 'typescript');
});

test.concurrent.each([
  { resolution: 'nodenext', options: { module: 'nodenext' } },
  { resolution: 'bundler', options: { module: 'esnext', moduleResolution: 'bundler' } },
])(
  'an application type-checks strictly with the resolution $resolution, and runs',
  async ({ resolution, options }) => {
    project.write(`${resolution}.mts`, APPLICATION);
    project.write(
      `tsconfig.${resolution}.json`,
      JSON.stringify({
        compilerOptions: { ...STRICT, ...options },
        files: [`${resolution}.mts`],
      }),
    );
    const compiled = await project.run('npx', [
      '--no-install',
      'tsc',
      '-p',
      `tsconfig.${resolution}.json`,
    ]);
    expect(compiled).toMatchObject({ code: 0, stdout: '' });

    const { url } = await createDatabase();
    const { stdout } = await project.run('node', [`out/${resolution}.mjs`], { DATABASE_URL: url });
    expect(JSON.parse(stdout)).toEqual({
      ran: migrations.length,
      timed: migrations.length,
      events: 2 * migrations.length + 1,
      seen: [
        'databaseURL INVALID_OPTION',
        'direction INVALID_OPTION',
        'dbClient INVALID_OPTION',
        'lost 1',
        'by code',
        'INVALID_ARGUMENT',
        'INVALID_ARGUMENT',
      ],
    });
  },
);

/** What TypeScript compiles to require(). */
const COMMONJS = `
import { PreflightError, runMigrations, type RunMigrationsResult } from 'conversion-tracking-schema';
import { type ClaimedConversion, trackingQueue } from 'conversion-tracking-schema/queue';
import type { WithTracking } from 'conversion-tracking-schema/supabase';
import type { Visitor } from 'conversion-tracking-schema/types';
import pg from 'pg';

async function main(): Promise<number> {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
  const result: RunMigrationsResult = await runMigrations({ dbClient: pool });
  const claimed: readonly ClaimedConversion[] = await trackingQueue(pool).claimConversions();
  const { rows } = await pool.query<Visitor>('SELECT * FROM visitors');
  await pool.end();
  return result.ran.length + claimed.length + rows.length;
}
export type Merged = WithTracking<{ public: { Tables: { teams: { Row: { name: string } } } } }>;
// @ts-expect-error It is called databaseUrl.
runMigrations({ databaseURL: 'postgres://' }).catch(() => {});
main().then(console.log, (error: unknown) => {
  // A class, as a value and as a type.
  const failed: PreflightError | undefined = error instanceof PreflightError ? error : undefined;
  throw failed ?? error;
});
`;

test.concurrent.each(['node16', 'nodenext'])(
  'a CommonJS application type-checks strictly with the resolution %s, and runs',
  async (module) => {
    const name = `commonjs-${module}`;
    project.write(`${name}.cts`, COMMONJS);
    project.write(
      `tsconfig.${name}.json`,
      JSON.stringify({ compilerOptions: { ...STRICT, module }, files: [`${name}.cts`] }),
    );
    const args = ['--no-install', 'tsc', '-p', `tsconfig.${name}.json`];
    expect(await project.run('npx', args)).toMatchObject({ code: 0, stdout: '' });
    const { url } = await createDatabase();
    const ran = await project.run('node', [`out/${name}.cjs`], { DATABASE_URL: url });
    expect(ran).toEqual({ code: 0, stdout: `${migrations.length}\n`, stderr: '' });
  },
);

test.concurrent.each([
  { skipLibCheck: false, code: 1, stdout: /error TS7016: .*'pg'.*\n.*npm i --save-dev @types\/pg/ },
  { skipLibCheck: true, code: 0, stdout: /^$/ },
])(
  'an application without @types/pg is told to install it, or type-checks: skipLibCheck $skipLibCheck',
  async ({ skipLibCheck, ...expected }) => {
    const bare = await unpack();
    const types = join(bare.folder, 'node_modules', '@types');
    const withTypes = join(project.folder, 'node_modules', '@types');
    rmSync(types);
    mkdirSync(types);
    symlinkSync(join(withTypes, 'node'), join(types, 'node'), 'junction');
    bare.write(
      'boot.mts',
      `import { type RunMigrationsOptions, runMigrations } from 'conversion-tracking-schema';
      const options: RunMigrationsOptions = { schema: 'tracking' };
      const ran: readonly string[] = (await runMigrations(options)).ran.map(({ name }) => name);
      // @ts-expect-error It is called databaseUrl.
      await runMigrations({ databaseURL: ran[0] });`,
    );
    const compilerOptions = { ...STRICT, module: 'nodenext', skipLibCheck };
    bare.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['boot.mts'] }));
    const { code, stdout } = await bare.run('npx', ['--no-install', 'tsc', '-p', '.']);
    expect({ code, stdout }).toEqual({
      code: expected.code,
      stdout: expect.stringMatching(expected.stdout),
    });
  },
);
