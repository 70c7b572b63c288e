import { readFileSync } from 'node:fs';

// Refuses to release where the tag, package.json, its lock file and the newest section of the
// changelog do not all name one version. Usage: node scripts/check-release.js v1.2.3

const [, , tag = ''] = process.argv;
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
const heading = /^## (.*)$/m.exec(readFileSync('CHANGELOG.md', 'utf8'))?.[1] ?? '';

const named = {
  'the tag': /^v(\d+\.\d+\.\d+)$/.exec(tag)?.[1] ?? tag,
  'package.json': readJson('package.json').version,
  'package-lock.json': readJson('package-lock.json').version,
  'CHANGELOG.md': /^\[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$/.exec(heading)?.[1] ?? heading,
};

if (new Set(Object.values(named)).size > 1) {
  const lines = Object.entries(named).map(([file, version]) => `  ${file}: ${version}`);
  console.error(`Not all of them name one version:\n${lines.join('\n')}`);
  process.exitCode = 1;
} else {
  console.log(`All of them name ${named['package.json']}.`);
}
