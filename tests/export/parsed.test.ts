import { describe, expect, test } from 'vitest';
import { exportSql, type SqlFormat } from '../../src/index.ts';
import { migrationSteps } from '../../src/schema/migration-steps.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { executedBy, statementsIn } from '../support/pg-query.ts';
import { needTool } from '../support/tools.ts';

const FORMATS: readonly SqlFormat[] = ['supabase', 'numbered', 'script'];
const PLPGSQL = ['DoStmt', 'CreateFunctionStmt'];

needTool('libpg-query');

async function statementsOf(format: SqlFormat) {
  const files = await exportSql({ format });
  return (await Promise.all(files.map(({ sql }) => statementsIn(sql)))).flat();
}

describe("PostgreSQL's parser", () => {
  test.each(FORMATS)('takes every file, and every statement inside: %s', async (format) => {
    const blocks = await statementsOf(format);
    expect(new Set(blocks.map(({ kind }) => kind))).toEqual(new Set(['DoStmt']));
    const executed = (await Promise.all(blocks.map(({ sql }) => executedBy(sql)))).flat();
    const steps = await Promise.all(migrations.map((migration) => migrationSteps(migration, 'up')));
    expect(executed).toEqual(steps.flat().map((step) => step.trim()));
    const inner = (await Promise.all(executed.map(statementsIn))).flat();
    expect(inner.map(({ kind }) => kind)).toContain('IndexStmt');
    const bodies = inner.filter(({ kind }) => PLPGSQL.includes(kind));
    expect(bodies.length).toBeGreaterThan(migrations.length);
    await Promise.all(bodies.map(({ sql }) => executedBy(sql)));
  });

  test('finds the same statements in the script as in the files', async () => {
    const [files, script] = await Promise.all([statementsOf('numbered'), statementsOf('script')]);
    const blocks = (statements: typeof files) =>
      statements.flatMap(({ sql }) => /DO \$migration\$[\s\S]*/.exec(sql) ?? []);
    expect(blocks(script)).toHaveLength(migrations.length);
    expect(blocks(script)).toEqual(blocks(files));
  });

  test('would refuse a mistake, also within a block', async () => {
    const [file] = await exportSql();
    const sql = file?.sql ?? '';
    await expect(statementsIn(sql.replace('DO $', 'DOO $'))).rejects.toThrow('syntax error');
    await expect(executedBy(sql.replace('PERFORM', 'PERFOM'))).rejects.toThrow('syntax error');
  });
});
