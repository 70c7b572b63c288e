import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

test('errors keep their names in a minified bundle', async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../src/errors.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    minify: true,
    write: false,
  });
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  const bundled: Record<string, unknown> = await import(`data:text/javascript;base64,${code}`);
  const classes = Object.entries(bundled).filter(([name]) => /[a-z]Error$/.test(name));
  expect(classes.length).toBeGreaterThan(15);
  for (const [name, Class] of classes) {
    if (name === 'TrackingSchemaError') continue;
    const error = Reflect.construct(Class as new () => Error, [[], {}, {}]);
    expect(error.name).toBe(name);
  }
});
