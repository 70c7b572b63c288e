import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, beforeEach } from 'vitest';
import { type Finished, run } from './process.ts';

const FOLDER = new URL('../tools/node_modules/', import.meta.url);

/** Where each starts. They are installed apart: 170 MB, which only CI needs. */
const TOOLS = {
  'libpg-query': 'libpg-query/wasm/index.js',
  'squawk-cli': 'squawk-cli/js/bin/squawk',
  supabase: 'supabase/dist/supabase.js',
} as const;

type Tool = keyof typeof TOOLS;

/** Has every test of the file skipped where the tool is missing. In CI they fail instead. */
export function needTool(tool: Tool): boolean {
  const present = existsSync(new URL(TOOLS[tool], FOLDER));
  const missing = `${tool} is missing. Run: npm install --prefix tests/tools --no-package-lock`;
  return skipUnless(present, missing);
}

/** The same for psql, which has to be on the PATH. */
export async function needPsql(): Promise<boolean> {
  const present = await run('psql', ['--version'], { cwd: '.' }).then(
    ({ code }) => code === 0,
    () => false,
  );
  return skipUnless(present, 'psql is missing. Run: apt-get install postgresql-client');
}

function skipUnless(present: boolean, missing: string): boolean {
  beforeAll(() => {
    if (!present && process.env.CI) throw new Error(missing);
  });
  beforeEach((context) => {
    if (!present) context.skip(missing);
  });
  return present;
}

/** The address of a tool's main module. */
export function moduleOf(tool: Tool): string {
  return new URL(TOOLS[tool], FOLDER).href;
}

/** Runs a tool with a home folder of its own; it tells nobody of it. */
export function runTool(
  tool: 'squawk-cli' | 'supabase',
  args: readonly string[],
  cwd: string,
): Promise<Finished> {
  const script = fileURLToPath(new URL(TOOLS[tool], FOLDER));
  const env = {
    HOME: cwd,
    DO_NOT_TRACK: '1',
    SUPABASE_TELEMETRY_DISABLED: '1',
    SUPABASE_NO_UPDATE_NOTIFIER: '1',
    NO_COLOR: '1',
  };
  return run(process.execPath, [script, ...args], { cwd, env });
}
