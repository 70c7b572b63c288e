import type { BootReply, Tool } from './tool.ts';

// A process that has loaded its tool, and boots whenever it is sent a URL: node on-demand.mjs <module>
const [module = ''] = process.argv.slice(2);
const { boot }: Tool = await import(module);

process.on('disconnect', () => process.exit());
process.on('message', async (url: string) => {
  const start = performance.now();
  const cpuBefore = process.cpuUsage();
  const error = await boot(url).then(
    () => undefined,
    (reason: unknown) => messageOf(reason),
  );
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuMs = (user + system) / 1_000;
  const reply: BootReply = error === undefined ? { ms, cpuMs } : { ms, cpuMs, error };
  process.send?.(reply);
});
process.send?.('ready');

/** The first line of what was wrong in the first place. */
function messageOf(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason);
  return reason.cause instanceof Error
    ? messageOf(reason.cause)
    : (reason.message.split('\n')[0] ?? '');
}
