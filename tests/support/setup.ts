import { afterAll } from 'vitest';
import { runAfterFile } from './after-file.ts';

// Vitest runs this once for each test file.
afterAll(runAfterFile);
