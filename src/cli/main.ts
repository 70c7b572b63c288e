#!/usr/bin/env node
import { Interruption } from './interruption.ts';
import { run } from './run.ts';

const { stdout, stderr } = process;

for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has gone, as `head` does: that is no failure.
    if (error.code === 'EPIPE') return;
    process.exitCode = 2;
    if (stream === stdout) stderr.write(`error: The result cannot be written (${error.code}).\n`);
  });
}
// Node and the libraries let FORCE_COLOR win over it.
if (process.env.NO_COLOR) delete process.env.FORCE_COLOR;

const interruption = new Interruption((exitCode) => process.exit(exitCode));
const exitCode = await run(process.argv.slice(2), { stdout, stderr, interruption });
process.exitCode ??= exitCode;
