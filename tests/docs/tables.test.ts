import { describe, expect, test } from 'vitest';
import { ERROR_CODES, FINDINGS, PREFLIGHT_CODES } from '../../src/index.ts';
import { resolveOptions } from '../../src/settings.ts';
import { readGuide } from '../support/guide.ts';

const errors = readGuide('docs/errors.md');
const findings = readGuide('docs/findings.md');
const deploying = readGuide('docs/deploying.md');

describe('the guides', () => {
  test('have every error code, with its cause and its fix', () => {
    const rows = errors.table('Error codes');
    expect(rows.map(([code]) => code)).toEqual(ERROR_CODES.map((code) => `\`${code}\``));
    for (const [, cause, fix] of rows) expect([cause, fix]).not.toContain('');
  });

  test('have every preflight code, with its cause and its fix', () => {
    const rows = errors.table('Preflight codes');
    expect(rows.map(([code]) => code)).toEqual(PREFLIGHT_CODES.map((code) => `\`${code}\``));
    for (const [, cause, fix] of rows) expect([cause, fix]).not.toContain('');
  });

  test('have every finding code, with its level, its cause and its fix', () => {
    const rows = findings.table('Finding codes');
    const levels = Object.entries(FINDINGS).map(([code, level]) => [`\`${code}\``, level]);
    expect(rows.map(([code, level]) => [code, level])).toEqual(levels);
    for (const [, , cause, fix] of rows) expect([cause, fix]).not.toContain('');
  });

  test('have the defaults of the timeouts', () => {
    const settings: object = resolveOptions({ databaseUrl: 'postgres://localhost/x' });
    const bounds = deploying.table('Timeouts').slice(0, 4);
    expect(bounds).toHaveLength(4);
    for (const [option = '', fallback = ''] of bounds) {
      const name = option.replaceAll('`', '');
      const value: unknown = Reflect.get(settings, name);
      expect([name, value]).toEqual([name, Number.parseInt(fallback.replaceAll(',', ''), 10)]);
    }
  });
});
