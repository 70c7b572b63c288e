import { writeSync } from 'node:fs';
import type { Tool } from './tool.ts';

// A new process that boots, writes the milliseconds of CPU that it took, and ends: node once.mjs <module> <url>
const [module = '', url = ''] = process.argv.slice(2);
const { boot }: Tool = await import(module);
await boot(url);
const { user, system } = process.cpuUsage();
writeSync(1, String((user + system) / 1000));
process.exit();
