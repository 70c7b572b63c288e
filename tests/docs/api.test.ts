import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readApi } from '../../scripts/api/read-api.ts';
import { renderApi } from '../../scripts/api/render-api.ts';

const api = readApi();

test('docs/api.md is what the types and their comments say', () => {
  const reference = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
  expect(reference, 'run npm run generate').toBe(renderApi(api));
});

test('every function of the API has a comment, and so has every option', () => {
  const functions = api
    .flatMap((entryPoint) => entryPoint.functions)
    .flatMap((one) => [one, ...one.methods]);
  const options = functions.flatMap(({ name, parameters }) =>
    parameters.flatMap(({ properties }) =>
      properties.map((option) => ({ name: `${name}: ${option.name}`, text: option.text })),
    ),
  );
  expect(functions.length).toBeGreaterThan(20);
  expect(options.length).toBeGreaterThan(100);
  expect([...functions, ...options].filter(({ text }) => text === '')).toEqual([]);
});
