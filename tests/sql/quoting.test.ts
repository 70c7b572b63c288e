import fc from 'fast-check';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { identifier, literal } from '../../src/sql.ts';
import { createDatabase, withClient } from '../support/database.ts';

/** Rich in what has a meaning within quotes; the server takes no zero byte. */
const text = fc.array(
  fc.oneof(
    fc.constantFrom("'", '"', '\\', '$', '{', 'E', ' '),
    fc.string({ unit: 'binary', maxLength: 3 }).map((part) => part.replaceAll('\0', '')),
  ),
);
const anyText = text.map((parts) => parts.join(''));

describe('names and strings', () => {
  test('are quoted as pg quotes them', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        expect(identifier(value)).toBe(pg.escapeIdentifier(value));
        expect(literal(value)).toBe(pg.escapeLiteral(value));
      }),
    );
  });

  test.each(['on', 'off'])(
    'come back from the server as they were, with standard_conforming_strings %s',
    async (setting) => {
      const { url } = await createDatabase();
      await withClient(url, async (client) => {
        await client.query(`SET standard_conforming_strings = ${setting}`);
        await fc.assert(
          fc.asyncProperty(anyText, async (value) => {
            const name = ['n', ...value].slice(0, 15).join(''); // at most 63 bytes
            const sql = `SELECT ${literal(value)}::text AS ${identifier(name)}`;
            const { rows } = await client.query<Record<string, string>>(sql);
            expect(rows).toEqual([{ [name]: value }]);
          }),
        );
      });
    },
  );
});
