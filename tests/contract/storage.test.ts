import { expect, test } from 'vitest';
import { createMigratedDatabase } from '../support/database.ts';

test('the queue leaves room on its pages for new versions of rows, without a new index entry', async () => {
  const db = await createMigratedDatabase();
  const [row] = await db.query<{ options: string[] | null }>(
    `SELECT reloptions AS options FROM pg_class WHERE oid = 'conversion_queue'::regclass`,
  );
  expect(row?.options).toContainEqual(expect.stringMatching(/^fillfactor=\d\d$/));
});
