import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../scripts/embedded-server.ts';
import { giveToServer, newDataFolder, removeServerFolder } from '../../scripts/server-folders.ts';

/** A server of one test's own, which it may crash; it is gone when the test is. */
export async function useEmbeddedServer(): Promise<EmbeddedServer> {
  const server = await startEmbeddedServer();
  onTestFinished(() => server.stop());
  return server;
}

/** A hot standby with what `prepare` has put into its primary. */
export async function useStandby(prepare: (url: string) => Promise<unknown>): Promise<string> {
  const dataFolder = newDataFolder();
  // Runs after the server's own stop: these are called in reverse order.
  onTestFinished(() => removeServerFolder(dataFolder));
  const primary = await startEmbeddedServer({ dataFolder });
  await prepare(primary.url);
  await primary.stop();
  const signal = join(dataFolder, 'standby.signal');
  writeFileSync(signal, '');
  giveToServer(signal);
  const standby = await startEmbeddedServer({ dataFolder });
  onTestFinished(() => standby.stop());
  return standby.url;
}
