import { afterAll, beforeAll, expect, test } from 'vitest';
import { measureManifest } from '../../scripts/measure-manifest.ts';
import { MANIFEST } from '../../src/schema/manifest.ts';
import { type SupabaseServer, startSupabase } from '../support/supabase.ts';

let supabase: SupabaseServer;

beforeAll(async () => {
  supabase = await startSupabase();
});
afterAll(() => supabase.stop());

test('the generated manifest is what this server says of the migrations', async () => {
  const { url } = await supabase.createProject('legacy');
  expect(await measureManifest(url), 'run npm run generate').toEqual(MANIFEST);
});
