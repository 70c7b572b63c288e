import { withClient } from '../../scripts/with-client.ts';
import { migrationStatus, runMigrations, verifySchema } from '../../src/index.ts';
import type { Bench } from '../bench.ts';
import { interleave, time } from '../rounds.ts';
import { takeCosts, trackStatements } from '../statements.ts';
import { createApplicationFunctions, createApplicationTables } from './host-objects.ts';

/** One call on a database with so much of the application's own. One value a round each. */
export interface LookFigures {
  readonly call: string;
  readonly tables: number;
  readonly functions: number;
  readonly ms: readonly number[];
  /** Of the last round. */
  readonly statements: number;
  /** Of these, what is no setting. */
  readonly queries: number;
}

export interface VerifyGrowthResult {
  readonly rounds: number;
  /** Findings of verifySchema() on each database. */
  readonly findings: readonly {
    readonly tables: number;
    readonly functions: number;
    readonly findings: number;
  }[];
  readonly figures: readonly LookFigures[];
}

interface Sample {
  readonly ms: number;
  readonly statements: number;
  readonly queries: number;
}

/** The first is what the others are compared with. */
const CALLS: Readonly<Record<string, (databaseUrl: string) => Promise<unknown>>> = {
  'connect and SELECT 1': (databaseUrl) =>
    withClient(databaseUrl, (client) => client.query('SELECT 1')),
  'runMigrations(), nothing pending': (databaseUrl) => runMigrations({ databaseUrl }),
  'migrationStatus()': (databaseUrl) => migrationStatus({ databaseUrl }),
  'verifySchema()': (databaseUrl) => verifySchema({ databaseUrl }),
};

/** What looking at the schema costs as the application's own objects grow in number. */
export async function measureVerifyGrowth({
  server,
  quick,
  say,
}: Bench): Promise<VerifyGrowthResult> {
  const rounds = quick ? 1 : 11;
  const sizes = [
    { tables: 0, functions: 0 },
    { tables: quick ? 50 : 1000, functions: 0 },
    { tables: quick ? 200 : 10_000, functions: 0 },
    { tables: 0, functions: quick ? 50 : 1000 },
  ];
  const databases: { tables: number; functions: number; name: string; url: string }[] = [];
  for (const [index, size] of sizes.entries()) {
    const name = `bench_verify_${index}`;
    const url = await server.createDatabase(name);
    await withClient(url, async (client) => {
      await createApplicationTables(client, size.tables);
      await createApplicationFunctions(client, size.functions);
      await client.query('VACUUM (ANALYZE)');
      await trackStatements(client);
    });
    databases.push({ ...size, name, url });
    say(`${size.tables} tables and ${size.functions} functions are there`);
  }
  await server.checkpoint();

  const cases = Object.entries(CALLS).flatMap(([call, run]) =>
    databases.map((database) => ({ ...database, call, run })),
  );
  const samples = await interleave<Sample>(
    rounds,
    cases.map(({ call, tables, functions, url, run }) => ({
      name: `${call}, ${tables} tables, ${functions} functions`,
      measure: () => measureCall(url, run),
    })),
    (round, name, { ms, statements }) =>
      say(`round ${round}: ${name}: ${ms.toFixed(1)} ms, ${statements} statements`),
  );
  const findings: VerifyGrowthResult['findings'][number][] = [];
  for (const { tables, functions, url, name } of databases) {
    const found = await verifySchema({ databaseUrl: url });
    findings.push({ tables, functions, findings: found.findings.length });
    await server.dropDatabase(name);
  }
  return {
    rounds,
    findings,
    figures: cases.map(({ call, tables, functions }, index) => ({
      call,
      tables,
      functions,
      ms: samples[index]?.map(({ ms }) => Number(ms.toFixed(2))) ?? [],
      statements: samples[index]?.at(-1)?.statements ?? 0,
      queries: samples[index]?.at(-1)?.queries ?? 0,
    })),
  };
}

async function measureCall(
  url: string,
  run: (databaseUrl: string) => Promise<unknown>,
): Promise<Sample> {
  await withClient(url, (client) => takeCosts(client, []));
  const ms = await time(() => run(url));
  const [all, queries, own] = await withClient(url, (client) =>
    takeCosts(client, ['', 'SELECT', 'pg_stat_statements']),
  );
  if (!all || !queries || !own) throw new Error('no statements');
  return { ms, statements: all.calls - own.calls, queries: queries.calls - own.calls };
}
