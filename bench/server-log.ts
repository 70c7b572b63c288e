import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

/** A line of a statement that a client has sent, as `log_statement = all` writes it. */
const STATEMENT = /LOG: {2}(?:statement|execute [^:\n]*): /g;

/** What a server writes to its log while somebody asks. */
export class ServerLog {
  #text: string | undefined;
  #marks = 0;

  /** To be told of all that is logged. */
  readonly push = (text: string): void => {
    if (this.#text !== undefined) this.#text += text;
  };

  /**
   * How many statements clients send during the work to databases where `log_statement` is `all`.
   * Several in one message count once.
   *
   * @param admin - a client in a database where it is not
   */
  async countStatements(admin: pg.Client, work: () => Promise<unknown>): Promise<number> {
    this.#text = '';
    await work();
    this.#marks += 1;
    const mark = `end of count ${this.#marks}`;
    await admin.query(`DO $$BEGIN RAISE LOG '${mark}'; END$$`);
    while (!this.#text.includes(mark)) await sleep(5);
    const statements = this.#text.match(STATEMENT) ?? [];
    this.#text = undefined;
    return statements.length;
  }
}
