import type { TestProject } from 'vitest/node';
import { startServer } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    serverUrl: string;
    serverLog: string | undefined;
  }
}

/** One server a run; each test file makes databases of its own on it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer();
  process.stderr.write(`Tests run on ${server.description}.\n`);
  project.provide('serverUrl', server.url);
  project.provide('serverLog', server.logFile);
  return () => server.stop();
}
