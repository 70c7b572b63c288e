import type { Session } from './session.ts';

/**
 * How many characters may be unanswered, so that the server's socket holds them. What does not fit stays
 * in ours, and if this process is killed, the server learns of it only after it has read all of that.
 */
const MOST_UNANSWERED = 32_768;

/**
 * Sends statements without waiting for the answer to the one before, where the client can do so: the
 * network is crossed once for all of them. No answer decides anything until they are settled.
 */
export class StatementPipeline {
  /** The migration of the statement that is being answered, or has failed. */
  migration: string | undefined;
  /** That statement. */
  statement: string | undefined;
  readonly #session: Pick<Session, 'connection' | 'deadline'>;
  readonly #unanswered: { readonly size: number; readonly answered: Promise<void> }[] = [];
  #answered: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(session: Pick<Session, 'connection' | 'deadline'>) {
    this.#session = session;
  }

  /** Sends a statement, of a migration or of the run itself. */
  send(sql: string, migration?: string): void {
    const { connection, deadline } = this.#session;
    const query = () => connection.query(sql);
    const early = connection.pipelined ? query() : undefined;
    // What follows a failure fails as well, since the transaction is aborted. The first one is thrown.
    early?.catch(() => {});
    this.onceAnswered(async () => {
      this.migration = migration;
      this.statement = sql;
      deadline.check();
      await (early ?? query());
    });
    this.#unanswered.push({ size: sql.length, answered: this.#answered });
  }

  /** Waits until the next statement may be sent. Throws the first failure. */
  async room(): Promise<void> {
    const size = () => this.#unanswered.reduce((sum, one) => sum + one.size, 0);
    while (size() > MOST_UNANSWERED) await this.#unanswered.shift()?.answered;
  }

  /** Calls `work` once everything sent before has been answered. */
  onceAnswered(work: () => Promise<void> | void): void {
    this.#answered = this.#answered.then(() => (this.#stopped ? undefined : work()));
    this.#answered.catch(() => {});
  }

  /** Drops what is not sent yet: after a rollback it would be outside of the transaction. */
  stop(): void {
    this.#stopped = true;
  }

  /** Waits for all answers. Throws the first failure; what was sent after it has changed nothing. */
  async settle(): Promise<void> {
    await this.#answered;
    this.migration = undefined;
    this.statement = undefined;
  }
}
