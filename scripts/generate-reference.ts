import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readApi } from './api/read-api.ts';
import { renderApi } from './api/render-api.ts';
import { renderReference } from './reference/reference.ts';

// Writes docs/schema.md, what the schema consists of, from the manifest, and docs/api.md from the
// types. Usage: npm run generate

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
writeFileSync(`${docs}schema.md`, renderReference());
writeFileSync(`${docs}api.md`, renderApi(readApi()));
