import type { Tool } from './tool.ts';

// A new process that boots and ends: node once.mjs <module> <url>
const [module = '', url = ''] = process.argv.slice(2);
const { boot }: Tool = await import(module);
await boot(url);
process.exit();
