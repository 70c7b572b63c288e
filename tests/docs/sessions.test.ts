import { readFileSync } from 'node:fs';
import { expect, inject, test } from 'vitest';
import { recordSessions, withSessions } from '../../scripts/sessions.ts';
import { MAIN } from '../cli/cli.ts';

test('the guide shows the current output of the command line: npm run generate:sessions updates it', async () => {
  const guide = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
  const sessions = await recordSessions(inject('serverUrl'), MAIN);
  const places = [...guide.matchAll(/<!-- session: ([\w-]+) -->/g)].map(([, name]) => name);
  expect(places.sort()).toEqual([...sessions.keys()].sort());
  expect(withSessions(guide, sessions)).toBe(guide);
}, 180_000);
