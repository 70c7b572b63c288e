import type pg from 'pg';
import { median } from '../rounds.ts';
import { type RunStatement, runWatched } from './plans.ts';

/** What a statement costs: medians. */
export interface Cost {
  readonly buffers: number;
  readonly ms: number;
}

/** One of the statements inside a claim. */
export interface StepCost extends Cost {
  readonly nodes: readonly string[];
}

export interface ClaimCost {
  /** Finds entries that are due, and locks them. */
  readonly search: StepCost;
  /** Leases them, and returns them with their conversions. */
  readonly handOut: StepCost;
  readonly call: Cost;
}

export const CLAIM = 'SELECT * FROM claim_conversions()';

/** Runs a call so many times, after a few that fill the caches. */
export async function measureCall(
  client: pg.Client,
  sql: string,
  repeats: number,
): Promise<RunStatement[][]> {
  const runs: RunStatement[][] = [];
  for (let run = -WARM_UP; run < repeats; run += 1) {
    const statements = await runRolledBack(client, sql);
    if (run >= 0) runs.push(statements);
  }
  return runs;
}

/** Calls that fill the caches, and are not measured. */
export const WARM_UP = 5;

/** Runs it once, and leaves everything as it was. */
export async function runRolledBack(client: pg.Client, sql: string): Promise<RunStatement[]> {
  await client.query('BEGIN');
  const statements = await runWatched(client, sql);
  await client.query('ROLLBACK');
  return statements;
}

export function claimCost(runs: readonly RunStatement[][]): ClaimCost {
  return {
    search: stepCost(runs, 'SKIP LOCKED'),
    handOut: stepCost(runs, 'unnest(due'),
    call: lastCost(runs),
  };
}

/** The statement that contains the text, which has to have been planned in one way. */
function stepCost(runs: readonly RunStatement[][], text: string): StepCost {
  const steps = runs.map((statements) => {
    const step = statements.find(({ sql }) => sql.includes(text));
    if (step === undefined) throw new Error(`no statement with ${text} in a claim`);
    return step;
  });
  const plans = new Set(steps.map(({ nodes }) => nodes.join(' < ')));
  if (plans.size !== 1) throw new Error(`${text} was planned in ${plans.size} ways: ${[...plans]}`);
  return { ...costOf(steps), nodes: steps[0]?.nodes ?? [] };
}

export function lastCost(runs: readonly RunStatement[][]): Cost {
  return costOf(runs.flatMap((statements) => statements.at(-1) ?? []));
}

function costOf(statements: readonly RunStatement[]): Cost {
  return {
    buffers: median(statements.map(({ buffers }) => buffers)),
    ms: Number(median(statements.map(({ ms }) => ms)).toFixed(3)),
  };
}
