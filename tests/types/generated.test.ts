import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { renderReference } from '../../scripts/reference/reference.ts';
import { renderDrizzle } from '../../scripts/types/drizzle.ts';
import { renderKysely } from '../../scripts/types/kysely.ts';
import { renderRows } from '../../scripts/types/rows.ts';
import { renderSupabase } from '../../scripts/types/supabase.ts';

const BIOME = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');

test.each([
  ['rows.ts', renderRows],
  ['kysely.ts', renderKysely],
  ['drizzle.ts', renderDrizzle],
  ['supabase.ts', renderSupabase],
])('src/types/%s is what the manifest says', (file, render) => {
  const target = new URL(`../../src/types/${file}`, import.meta.url);
  const formatted = execFileSync(
    process.execPath,
    [BIOME, 'check', '--write', `--stdin-file-path=${file}`],
    {
      input: render(),
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  expect(readFileSync(target, 'utf8'), 'run npm run generate').toBe(formatted);
});

test('docs/schema.md is what the manifest says', () => {
  const reference = readFileSync(new URL('../../docs/schema.md', import.meta.url), 'utf8');
  expect(reference, 'run npm run generate').toBe(renderReference());
});
