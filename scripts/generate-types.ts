import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderDrizzle } from './types/drizzle.ts';
import { renderKysely } from './types/kysely.ts';
import { renderRows } from './types/rows.ts';
import { renderSupabase } from './types/supabase.ts';

// Writes src/types/: the rows of the tables and what the functions take and give, from the manifest. Usage: npm run generate

const TARGETS = {
  'rows.ts': renderRows,
  'kysely.ts': renderKysely,
  'drizzle.ts': renderDrizzle,
  'supabase.ts': renderSupabase,
};

for (const [file, render] of Object.entries(TARGETS)) {
  const target = fileURLToPath(new URL(`../src/types/${file}`, import.meta.url));
  writeFileSync(target, render());
  execFileSync('npx', ['biome', 'check', '--write', target], { stdio: 'inherit' });
}
