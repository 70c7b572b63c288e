import { withClient } from '../../scripts/with-client.ts';
import type { Bench } from '../bench.ts';
import { installPeers } from '../peers.ts';
import { type Boots, buildBoots } from './build-boots.ts';

let built: Promise<Boots> | undefined;

/** What boots, built once for all benchmarks of a run. */
export function getBoots(bench: Bench): Promise<Boots> {
  built ??= build(bench);
  return built;
}

async function build({ server }: Bench): Promise<Boots> {
  installPeers();
  const url = await server.createEmptyDatabase('bench_boot_planned');
  const boots = await buildBoots(url);
  await server.dropDatabase('bench_boot_planned');
  return boots;
}

/** An empty database that has been connected to: the first connection of all fills its caches on disk. */
export async function emptyDatabase({ server }: Bench, name: string): Promise<string> {
  const url = await server.createEmptyDatabase(name);
  await withClient(url, (client) => client.query('SELECT 1'));
  return url;
}
