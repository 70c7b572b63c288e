import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../scripts/embedded-server.ts';

/** A server of one test's own, which it may crash; it is gone when the test is. */
export async function useEmbeddedServer(): Promise<EmbeddedServer> {
  const dataFolder = newFolder();
  const server = await startEmbeddedServer({ dataFolder, keepData: true });
  onTestFinished(() => server.stop());
  return server;
}

/** A hot standby with what `prepare` has put into its primary. */
export async function useStandby(prepare: (url: string) => Promise<unknown>): Promise<string> {
  const dataFolder = newFolder();
  const primary = await startEmbeddedServer({ dataFolder, keepData: true });
  await prepare(primary.url);
  await primary.stop();
  const signal = join(dataFolder, 'standby.signal');
  writeFileSync(signal, '');
  const { uid, gid } = statSync(dataFolder);
  chownSync(signal, uid, gid);
  const standby = await startEmbeddedServer({ dataFolder, keepData: true });
  onTestFinished(() => standby.stop());
  return standby.url;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tracking-schema-own-server-'));
  // Runs after the server's own stop: these are called in reverse order.
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
