import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportSql, type SqlFormat } from '../../src/index.ts';
import { migrationSteps } from '../../src/schema/migration-steps.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { needTool, runTool } from '../support/tools.ts';

const FORMATS: readonly SqlFormat[] = ['supabase', 'numbered', 'script'];

/** What does not hold for the statements by themselves, and why that is right. */
const EXCLUDED: Readonly<Record<string, string>> = {
  'prefer-bigint-over-int':
    'retry_count and max_retries are integer by the contract, and never grow large.',
  'require-lock-timeout': 'The block around the statements sets it.',
  'require-statement-timeout': 'A statement before the block sets it.',
};

needTool('squawk-cli');

interface Finding {
  readonly file: string;
  readonly rule_name: string;
}

/** Findings for files of a folder, as tools run them: each in a transaction. */
async function lint(files: Readonly<Record<string, string>>): Promise<Finding[]> {
  const folder = temporaryFolder();
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(folder, name), sql);
  const options = ['--assume-in-transaction', '--pg-version=14.0', '--reporter=json'];
  const { stdout, stderr } = await runTool(
    'squawk-cli',
    [...options, ...Object.keys(files)],
    folder,
  );
  expect(stderr).not.toMatch(/error/i);
  return JSON.parse(stdout);
}

test.each(FORMATS)('squawk finds nothing in the files: %s', async (format) => {
  const files = (await exportSql({ format })).map(({ fileName, sql }) => [fileName, sql]);
  expect(await lint(Object.fromEntries(files))).toEqual([]);
});

test('squawk finds nothing in the statements by themselves but what is excluded with a reason', async () => {
  const steps = await Promise.all(migrations.map((migration) => migrationSteps(migration, 'up')));
  const sql = steps
    .flat()
    .map((step) => `${step.trim().replace(/;$/, '')};\n`)
    .join('');
  // As one file: it takes a table for new only where it sees it created.
  const rules = (await lint({ 'steps.sql': sql })).map(({ rule_name }) => rule_name);
  expect([...new Set(rules)].sort()).toEqual(Object.keys(EXCLUDED));
});
