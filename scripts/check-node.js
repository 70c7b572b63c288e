import { readFileSync } from 'node:fs';

// Refuses a Node that is older than package.json's engines. Plain JavaScript, and before anything
// else: what such a Node cannot load would end with a message of its own.
const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const needed = engines.node.replace('>=', '');
const found = process.versions.node;
if (found.localeCompare(needed, 'en', { numeric: true }) < 0) {
  console.error(`This project needs Node ${needed} or newer, and this is Node ${found}.`);
  process.exitCode = 1;
}
