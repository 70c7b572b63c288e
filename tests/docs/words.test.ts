import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Words that have a better one in the field, with that one. */
const WORDS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bledgers?\b/i, 'migrations table'],
  [/\bstand-ins?\b/i, 'placeholder'],
  [/\b(live host|host['’]s)\b/i, 'application'],
  [/\bin the way\b|\bgives? way\b/i, 'conflicting, conflicts'],
  [/\b(mend(s|ed|ing)?|remed(y|ies))\b/i, 'fix'],
  [/\bshall\b/i, 'must, will'],
  [/\bis out with\b/i, 'is leased to'],
  [/\bleases? (has|have|had) passed\b/i, 'the lease expires'],
  [/\b(once )?however often\b/i, 'idempotent, exactly once per key'],
  [/\bwho(so)?ever\b/i, 'the actor: waiters, callers'],
  [/\bgoodbye\b/i, 'Terminate'],
  [/\bcame about\b/i, 'could not connect'],
  [/\bbut for\b/i, 'except, without'],
  [/\bof which\b|\bwho waits\b/i, 'a second sentence that names the actor'],
  [/\b(is|are) dear\b/i, 'is expensive'],
  [
    /\bwhat is open\b|\bopen to (everybody|strangers|anon|authenticated|service_role|its owner)\b/i,
    'privilege, grant',
  ],
  [/\bgoes by itself\b/i, 'is done automatically'],
  [/\bserves version\b/i, 'is backward compatible with'],
  [/\bfrom anybody\b/i, 'from any worker'],
  [/, too[.;:,)]/i, 'also, as well'],
];

const TEXTS = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];
const FOLDERS = [
  '.github',
  'docs',
  'src',
  'migrations',
  'tests',
  'examples',
  'bench',
  'scripts',
  'site',
];
const TEXT = /\.(md|ts|tsx|vue|js|mjs|sql|ya?ml)$/;
const SELF = 'tests/docs/words.test.ts';

function files(): string[] {
  const below = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => TEXT.test(file) && !/(^|\/)(node_modules|\.vitepress\/dist)\//.test(file))
      .map((file) => `${folder}/${file}`),
  );
  return [...TEXTS, ...below].filter((file) => file !== SELF);
}

test('texts, code and names use the words of the field', () => {
  const found = files().flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        WORDS.filter(([pattern]) => pattern.test(line)).map(
          ([pattern, instead]) =>
            `${file}:${index + 1}: "${pattern.exec(line)?.[0]}"; better: ${instead}`,
        ),
      ),
  );
  expect(found).toEqual([]);
});
