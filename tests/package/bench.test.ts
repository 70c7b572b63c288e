import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { readResults, SECTIONS } from '../../bench/results.ts';

const ROOT = new URL('../../', import.meta.url);
const started = new Date().toISOString();

test('every benchmark runs, with the tools that are installed', async () => {
  const args = ['--import', 'tsx', 'bench/main.ts', '--quick'];
  await promisify(execFile)(process.execPath, args, { cwd: fileURLToPath(ROOT) });
  const sections = readResults(new URL('.data/bench/results.json', ROOT))?.sections ?? {};
  for (const name of SECTIONS) {
    const { startedAt = '', columns = [], lines = [] } = sections[name] ?? {};
    expect(startedAt > started, name).toBe(true);
    const ours = columns.filter(({ role }) => role === 'ours' || role === 'size');
    expect(ours.length, name).toBeGreaterThan(0);
    for (const { what, samples } of lines) {
      for (const column of ours) {
        const figures = samples[column.name] ?? [];
        expect(figures.length, `${name}: ${what}: ${column.name}`).toBeGreaterThan(0);
        expect(Math.min(...figures), `${name}: ${what}`).toBeGreaterThanOrEqual(0);
      }
    }
  }
}, 600_000);
