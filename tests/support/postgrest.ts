import { spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../scripts/free-port.ts';
import { programOf } from './tools.ts';

/** A role that a token of Supabase's names. */
export type ApiRole = 'anon' | 'authenticated' | 'service_role';

/** A PostgREST in front of a database, as a Supabase project has one. */
export interface PostgRest {
  readonly url: string;
  /** A token that it takes, signed as Supabase's are. */
  token(role: ApiRole): string;
  stop(): Promise<void>;
}

const PORTS_TO_TRY = 5;
const READY_WITHIN_MS = 20_000;

/**
 * Ends the program as soon as our end of the pipe is closed, be it that the test run was killed.
 * The log is the program's alone, so that its end shows that the program has ended.
 */
const SUPERVISED = '"$0" & exec >&- 2>&-; read -r _; kill $!; wait $!';

/** Starts one on a free port, ready to answer. The caller stops it. */
export async function startPostgRest(options: {
  /** The database, as authenticator. */
  databaseUrl: string;
  schemas: readonly string[];
}): Promise<PostgRest> {
  const secret = randomBytes(32).toString('hex');
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    try {
      const stop = await start(port, {
        PGRST_DB_URI: options.databaseUrl,
        PGRST_DB_SCHEMAS: options.schemas.join(','),
        PGRST_DB_ANON_ROLE: 'anon',
        PGRST_DB_POOL: '5',
        PGRST_JWT_SECRET: secret,
        PGRST_SERVER_HOST: '127.0.0.1',
        PGRST_SERVER_PORT: String(port),
        PGRST_LOG_LEVEL: 'error',
      });
      return { url: `http://127.0.0.1:${port}`, token: (role) => sign({ role }, secret), stop };
    } catch (error) {
      // Another program may have taken the port meanwhile.
      if (tries === PORTS_TO_TRY) throw error;
    }
  }
}

async function start(port: number, env: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
  const child = spawn('sh', ['-c', SUPERVISED, programOf('postgrest')], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let log = '';
  let ended = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const logClosed = new Promise<void>((resolve) => {
    child.stderr.once('close', () => {
      ended = true;
      resolve();
    });
  });
  const stop = () => {
    child.stdin.end();
    return logClosed;
  };
  const giveUpAt = Date.now() + READY_WITHIN_MS;
  while (!(await answers(port))) {
    if (ended || Date.now() > giveUpAt) {
      await stop();
      throw new Error(`PostgREST did not start:\n${log}`);
    }
    await sleep(25);
  }
  return stop;
}

/** It answers 503 until it has read the catalogue. */
function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`, { method: 'HEAD' }).then(
    ({ status }) => status < 500,
    () => false,
  );
}

/** A JSON web token, by HS256. */
function sign(claims: object, secret: string): string {
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const content = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded(claims)}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}
