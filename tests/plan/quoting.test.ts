import { expect, test } from 'vitest';
import { literal } from '../../src/db/quoting.ts';
import { createDatabase, withClient } from '../support/database.ts';

test.each(['on', 'off'])('quotes strings for standard_conforming_strings = %s', async (value) => {
  const { url } = await createDatabase();
  const strings = ["it's", 'back\\slash', "\\'; SELECT 1 --", '\\\\', ''];
  await withClient(url, async (client) => {
    await client.query(`SET standard_conforming_strings = ${value}`);
    for (const string of strings) {
      const { rows } = await client.query(`SELECT ${literal(string)} AS string`);
      expect(rows).toEqual([{ string }]);
    }
  });
});
