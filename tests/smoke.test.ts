import { expect, test } from 'vitest';
import { runMigrations } from '../src/index.ts';
import { createDatabase } from './support/database.ts';

test('it runs', async () => {
  const db = await createDatabase();
  const { ran } = await runMigrations({ databaseUrl: db.url });
  expect(ran).toHaveLength(8);
});
