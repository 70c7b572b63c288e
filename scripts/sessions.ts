import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

/** What a session works with. */
interface Stage {
  /** Runs a line in a shell, and records it with its output. */
  readonly type: (line: string, options?: TypeOptions) => Promise<void>;
  /** Runs SQL as the superuser, without recording it. */
  readonly query: (sql: string) => Promise<unknown>;
  /** Opens another connection, which may hold locks. */
  readonly other: () => Promise<pg.Client>;
  /** The role that the record shows as `app`. */
  readonly app: string;
}

interface TypeOptions {
  /** Connects as the role `app`. */
  readonly asApp?: boolean;
  /** Calls a function as soon as the output contains a text. */
  readonly on?: readonly [text: string, act: () => Promise<unknown>];
}

const PASSWORD = 'a password that is not shown';

/** The migration lock: node-pg-migrate's key. */
const LOCK = 'BEGIN; SELECT pg_advisory_xact_lock(7241865325823964)';

/** The sessions in docs/cli.md, by name. */
const SESSIONS: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  async up({ type }) {
    await type('npx conversion-tracking-schema up');
    await type('npx conversion-tracking-schema up');
  },
  async waiting({ type, other, query }) {
    const migrator = await other();
    await migrator.query("SET application_name = 'deploy-7'");
    await migrator.query(LOCK);
    await query('SELECT 1');
    await type('npx conversion-tracking-schema up --count 2', {
      on: ['waiting for the migration lock', () => migrator.end()],
    });
  },
  async preflight({ type, query, app }) {
    await query(`REVOKE CREATE ON SCHEMA public FROM PUBLIC; CREATE TABLE leads (id uuid PRIMARY KEY);
      GRANT USAGE ON SCHEMA public TO ${app}`);
    await type('npx conversion-tracking-schema up', { asApp: true });
  },
  async down({ type, query }) {
    await query('CREATE TABLE leads (id uuid PRIMARY KEY)');
    await type('npx conversion-tracking-schema up 2>/dev/null');
    await type('npx conversion-tracking-schema down');
    await type('npx conversion-tracking-schema down --count 1');
    await query("INSERT INTO visitors (visitor_id) VALUES ('v1'), ('v2')");
    await type('npx conversion-tracking-schema down --count all');
  },
  async status({ type, query }) {
    await type('npx conversion-tracking-schema up --count 7 2>/dev/null');
    await type('npx conversion-tracking-schema status');
    await query("DELETE FROM tracking_migrations WHERE name LIKE '%create-visitors'");
    await type('npx conversion-tracking-schema status | grep -v -e applied -e pending');
  },
  async plan({ type }) {
    await type('npx conversion-tracking-schema up --count 7 2>/dev/null');
    await type('npx conversion-tracking-schema plan --down --count 1');
    await type('npx conversion-tracking-schema plan --down --count 1 --sql');
  },
  async verify({ type, query }) {
    await type('npx conversion-tracking-schema up 2>/dev/null');
    await type('npx conversion-tracking-schema verify');
    await query('ALTER TABLE visitors DISABLE ROW LEVEL SECURITY');
    await type('npx conversion-tracking-schema verify');
  },
  async 'fix-access'({ type, query }) {
    await type('npx conversion-tracking-schema up 2>/dev/null');
    await query('GRANT SELECT ON visitors TO PUBLIC');
    await type('npx conversion-tracking-schema fix-access');
    await type('npx conversion-tracking-schema fix-access');
  },
  async sql({ type }) {
    await type(
      'npx conversion-tracking-schema sql --format supabase --out supabase/migrations | tail -n 1',
    );
    await type("echo 'SELECT 1;' > supabase/migrations/20261128100000_require-leads.sql");
    await type('npx conversion-tracking-schema sql --format supabase --out supabase/migrations');
    await type(
      'npx conversion-tracking-schema sql --format supabase --out supabase/migrations --check | head -n 2',
    );
    await type('npx conversion-tracking-schema sql | head -n 4');
  },
  async health({ type, query }) {
    await type('npx conversion-tracking-schema up 2>/dev/null');
    await query(`
      INSERT INTO leads DEFAULT VALUES;
      SELECT record_conversion(id, 'closed', 'D-' || n) FROM leads, generate_series(1, 20) n;
      SELECT complete_conversions(array_agg(id), 'R-1') FROM claim_conversions("limit" => 14);
      SELECT fail_conversions(array_agg(id), 'expired', permanent => true, error_code => 'EXPIRED_EVENT')
        FROM claim_conversions("limit" => 2);
      UPDATE upload_requests SET accepted_at = now() - interval '3 hours'`);
    await type('npx conversion-tracking-schema health');
    await type('npx conversion-tracking-schema health --max-dead-letters 0');
    await type('npx conversion-tracking-schema health --format prometheus | head -n 8');
  },
  async usage({ type }) {
    await type('npx conversion-tracking-schema up --lock-timout-ms 200');
    await type('npx conversion-tracking-schema statsu');
  },
  async json({ type }) {
    await type('npx conversion-tracking-schema up --count 1 --json');
    await type('npx conversion-tracking-schema down --json');
  },
};

/**
 * Runs every session on a server, and returns its commands and output by name.
 *
 * @param main - node's arguments to run the command line
 */
export async function recordSessions(
  serverUrl: string,
  main: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const recorded = new Map<string, string>();
  for (const [name, play] of Object.entries(SESSIONS)) {
    recorded.set(name, await record(serverUrl, main, play));
  }
  return recorded;
}

/** Runs a session in a database, with a role and in a folder of its own. */
async function record(
  serverUrl: string,
  main: readonly string[],
  play: (stage: Stage) => Promise<void>,
): Promise<string> {
  const id = randomBytes(6).toString('hex');
  const [database, app] = [`session_${id}`, `session_app_${id}`];
  const folder = mkdtempSync(join(tmpdir(), 'tracking-schema-session-'));
  const server = await connect(serverUrl);
  await server.query(`CREATE DATABASE ${database}`);
  await server.query(`CREATE ROLE ${app} LOGIN PASSWORD '${PASSWORD}'`);
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  const appUrl = new URL(url);
  appUrl.username = app;
  appUrl.password = PASSWORD;
  const shown: string[] = [];
  const others: pg.Client[] = [];
  const other = async () => {
    const client = await connect(url.href);
    others.push(client);
    return client;
  };
  try {
    const host = await other();
    await play({
      app,
      other,
      query: (sql) => host.query(sql),
      async type(line, { asApp = false, on } = {}) {
        const databaseUrl = (asApp ? appUrl : url).href;
        const { output, code } = await shell(main, line, folder, databaseUrl, on);
        shown.push(`$ ${line}\n${output}`);
        if (code !== 0) shown.push(`$ echo $?\n${code}\n`);
      },
    });
  } finally {
    for (const client of others) await client.end();
    await server.query(`DROP DATABASE ${database} WITH (FORCE)`);
    await server.query(`DROP ROLE ${app}`);
    await server.end();
    rmSync(folder, { recursive: true, force: true });
  }
  const text = shown.join('').replaceAll(app, 'app').replaceAll(database, 'shop');
  return masked(text).replaceAll(`user ${decodeURIComponent(url.username)}`, 'user postgres');
}

/** Replaces what differs between runs. */
function masked(text: string): string {
  return text
    .replace(/\b\d+ ms\b/g, '12 ms')
    .replace(/"durationMs": [\d.e-]+/g, '"durationMs": 12')
    .replace(/\b\d+\.\d s\b/g, '2.0 s')
    .replace(/statement_timeout = \d+/g, 'statement_timeout = 300000')
    .replace(/\bpid \d+/g, 'pid 4711')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2026-11-22T12:00:00.000Z');
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  return client;
}

/** Runs a line in a shell whose npx is the command line of this checkout. */
function shell(
  main: readonly string[],
  line: string,
  cwd: string,
  databaseUrl: string,
  on?: TypeOptions['on'],
): Promise<{ output: string; code: number | null }> {
  const node = [process.execPath, ...main].map((word) => `'${word}'`).join(' ');
  const npx = `npx() { shift; ${node} "$@"; }`;
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn('sh', ['-c', `exec 2>&1\n${npx}\n${line}`], {
    cwd,
    env: { PATH, HOME, TMPDIR, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let output = '';
    let acted = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (on && !acted && output.includes(on[0])) {
        acted = true;
        on[1]().catch(reject);
      }
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ output, code }));
  });
}

/** Inserts sessions between `<!-- session: name -->` and `<!-- end -->`. */
export function withSessions(document: string, sessions: ReadonlyMap<string, string>): string {
  return document.replace(SESSION_MARKERS, (_, begin: string, name: string, end: string) => {
    const text = sessions.get(name);
    if (text === undefined) throw new Error(`There is no session "${name}".`);
    return `${begin}\n\`\`\`console\n${text}\`\`\`\n${end}`;
  });
}

const SESSION_MARKERS = /(<!-- session: ([\w-]+) -->)[\s\S]*?(<!-- end -->)/g;
