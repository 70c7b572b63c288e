import pg from 'pg';
import { withClient } from '../support/database.ts';
import type { Checked } from './expected.ts';
import type { Site, Stranger } from './sites.ts';
import type { Statement } from './statement.ts';

const INSUFFICIENT_PRIVILEGE = '42501';

/** The SQLSTATE and message that a statement ended with; undefined where it succeeded. */
type Outcome = { readonly code: string; readonly message: string } | undefined;

/** Tries every statement as every stranger. Whatever is not refused for want of a right is a hole. */
export async function tryStatements(
  strangers: readonly Stranger[],
  statements: readonly Statement[],
): Promise<Checked> {
  const holes: string[] = [];
  for (const { role, url } of strangers) {
    await withClient(url, async (client) => {
      await client.query(`BEGIN; SET LOCAL ROLE ${pg.escapeIdentifier(role)}`);
      for (const statement of statements) {
        const { code = INSUFFICIENT_PRIVILEGE, message = /./ } = statement.refusal ?? {};
        const outcome = await tryOne(client, statement, statement.sql, role);
        if (outcome?.code === code && message.test(outcome.message)) continue;
        holes.push(`${role}: ${statement.name} on ${statement.on}: ${said(outcome)}`);
      }
    });
  }
  return { checked: strangers.length * statements.length, holes };
}

/** Runs every statement as the owner, in transactions that are rolled back: all of them work. */
export async function tryControls(site: Site, statements: readonly Statement[]): Promise<Checked> {
  const failures: string[] = [];
  await withClient(site.url, async (client) => {
    await useSequences(client, statements);
    for (const statement of statements) {
      const outcome = await tryOne(client, statement, statement.control ?? statement.sql);
      if (outcome?.code === statement.ownerGets) continue;
      failures.push(`${statement.name} on ${statement.on}: ${said(outcome)}`);
    }
  });
  return { checked: statements.length, holes: failures };
}

/** currval() works where the session has called nextval() before. */
async function useSequences(client: pg.Client, statements: readonly Statement[]): Promise<void> {
  for (const { name, sql } of statements) if (name === 'nextval') await client.query(sql);
}

/**
 * One statement in a transaction of its own, as PostgREST runs it. The next one rolls it back. What
 * comes before the statement is sent by itself, where it could be refused: that is no refusal of it.
 */
async function tryOne(
  client: pg.Client,
  { setup }: Statement,
  sql: string,
  role?: string,
): Promise<Outcome> {
  const setRole = role === undefined ? '' : `SET LOCAL ROLE ${pg.escapeIdentifier(role)};`;
  let text = `ROLLBACK; BEGIN; ${setRole} ${sql}`;
  if (setup !== undefined) {
    await client.query(`ROLLBACK; DEALLOCATE ALL; BEGIN; ${setRole} ${setup}`);
    text = sql;
  }
  try {
    await client.query(text);
    return undefined;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code !== undefined) {
      return { code: error.code, message: error.message };
    }
    throw error;
  }
}

function said(outcome: Outcome): string {
  return outcome === undefined ? 'succeeded' : `${outcome.code} ${outcome.message}`;
}
