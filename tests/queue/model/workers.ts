import type pg from 'pg';
import { callFunction } from '../../../src/queue/call-function.ts';
import type { FUNCTIONS, FunctionName } from '../../../src/queue/functions.ts';
import { look, openSession, type Sight } from './session.ts';

/** A lead that every conversion here belongs to. */
export const LEAD = '00000000-0000-4000-8000-000000000001';

type Arguments<Name extends FunctionName> = {
  readonly [Argument in keyof (typeof FUNCTIONS)[Name]]?: unknown;
};

/** Workers on a real server, each with a session of its own. */
export class Workers {
  readonly #url: string;
  readonly #sessions: pg.Client[];

  private constructor(url: string, sessions: pg.Client[]) {
    this.#url = url;
    this.#sessions = sessions;
  }

  static async start(url: string, count: number): Promise<Workers> {
    const sessions = await Promise.all(Array.from({ length: count }, () => openSession(url)));
    const workers = new Workers(url, sessions);
    await workers.run(0, `INSERT INTO leads (id) VALUES ($1) ON CONFLICT DO NOTHING`, [LEAD]);
    return workers;
  }

  async call<Row>(
    worker: number,
    name: FunctionName,
    args: Arguments<typeof name>,
  ): Promise<readonly Row[]> {
    return callFunction<Row>({ db: this.#session(worker), schema: undefined }, name, args);
  }

  async run(worker: number, sql: string, values: unknown[] = []): Promise<void> {
    await this.#session(worker).query(sql, values);
  }

  look(worker: number): Promise<Sight> {
    return look(this.#session(worker));
  }

  /** Its process is gone in the middle of whatever it did, and another one starts. */
  async crash(worker: number): Promise<void> {
    const { rows } = await this.#session(worker).query<{ pid: number }>(
      'SELECT pg_backend_pid() AS pid',
    );
    const pid = rows[0]?.pid;
    const successor = await openSession(this.#url);
    await successor.query('SELECT pg_terminate_backend($1)', [pid]);
    // Its locks go when it goes.
    const there = () => successor.query('SELECT FROM pg_stat_activity WHERE pid = $1', [pid]);
    while ((await there()).rows.length > 0);
    await this.#session(worker)
      .end()
      .catch(() => {});
    this.#sessions[worker] = successor;
  }

  /** An empty queue, and no transaction open. */
  async clear(): Promise<Sight> {
    for (const session of this.#sessions) await session.query('ROLLBACK');
    await this.run(0, 'DELETE FROM conversions');
    await this.run(0, 'DELETE FROM upload_requests');
    return this.look(0);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.end()));
  }

  #session(worker: number): pg.Client {
    return this.#sessions[worker] as pg.Client;
  }
}
