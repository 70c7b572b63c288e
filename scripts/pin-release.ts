import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { migrationSteps } from '../src/schema/migration-steps.ts';
import { migrations } from '../src/schema/migrations.ts';
import { VERSION } from '../src/version.ts';

// Pins the SQL of all migrations, which a release makes final, and links the release's section of the
// changelog. Usage, after the tag: npx tsx scripts/pin-release.ts https://github.com/<owner>/<name>

const [, , repository] = process.argv;
if (!repository?.startsWith('https://')) throw new Error('Pass the URL of the repository.');

const pins: Record<string, string> = {};
for (const migration of migrations) {
  const sql = (await migrationSteps(migration, 'up')).join('\n');
  pins[migration.name] = createHash('sha256').update(sql).digest('hex');
}
writeFileSync('tests/contract/released.json', `${JSON.stringify(pins, null, 2)}\n`);

const changelog = readFileSync('CHANGELOG.md', 'utf8').trimEnd();
const link = `[${VERSION}]: ${repository}/releases/tag/v${VERSION}`;
if (!changelog.includes(link)) writeFileSync('CHANGELOG.md', `${changelog}\n\n${link}\n`);
