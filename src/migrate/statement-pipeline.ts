import type { Place } from '../db/database-errors.ts';
import type { Run } from './run.ts';

/**
 * Statements whose answers decide nothing: each is sent without waiting for the one before, where
 * the client can do so, and the network is crossed once for all of them.
 */
export class StatementPipeline implements Place {
  /** The migration of the statement whose answer is waited for, or that has failed. */
  migration: string | undefined;
  /** That statement. */
  statement: string | undefined;
  readonly #run: Pick<Run, 'connection' | 'clock'>;
  #answered: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(run: Pick<Run, 'connection' | 'clock'>) {
    this.#run = run;
  }

  /** Sends a statement of a migration, or one of the run's own. */
  send(sql: string, migration?: string): void {
    const { connection, clock } = this.#run;
    const query = () => connection.query(sql);
    const early = connection.pipelined ? query() : undefined;
    // What follows a failure fails, too: its transaction is over. The first one is thrown.
    early?.catch(() => {});
    this.afterwards(async () => {
      this.migration = migration;
      this.statement = sql;
      clock.check();
      await (early ?? query());
    });
  }

  /** Does something once all that was sent before has been answered. */
  afterwards(work: () => Promise<void> | void): void {
    this.#answered = this.#answered.then(() => (this.#stopped ? undefined : work()));
    this.#answered.catch(() => {});
  }

  /** Sends no more: after a rollback, what still waits for its turn would be outside of the transaction. */
  stop(): void {
    this.#stopped = true;
  }

  /** Waits for every answer. Throws the first failure; what was sent after it has changed nothing. */
  async settle(): Promise<void> {
    await this.#answered;
    this.migration = undefined;
    this.statement = undefined;
  }
}
