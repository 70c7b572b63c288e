import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderReference } from './reference/reference.ts';

// Writes docs/schema.md: what the schema consists of, from the manifest. Usage: npm run generate

writeFileSync(fileURLToPath(new URL('../docs/schema.md', import.meta.url)), renderReference());
