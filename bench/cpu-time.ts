import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second for processes that have ended. */
const TICK_NS = 10_000_000;

/**
 * Nanoseconds of CPU that a process and all its children have used since it started, those that have
 * ended included. On a machine shared with others it says more than the clock does. NaN unless on Linux.
 */
export function cpuTimeOf(parent: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  const children = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && statOf(name)?.[1] === String(parent),
  );
  // User and system time of children that it has waited for.
  const [user = 0, system = 0] = (statOf(`${parent}`) ?? []).slice(13, 15).map(Number);
  const running = [`${parent}`, ...children].reduce((sum, pid) => sum + runningTime(pid), 0);
  return (user + system) * TICK_NS + running;
}

/** The fields of /proc/<pid>/stat from the state on: the name before it may contain anything. */
function statOf(pid: string): string[] | undefined {
  return read(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ');
}

function runningTime(pid: string): number {
  return Number(read(`/proc/${pid}/schedstat`)?.split(' ')[0] ?? 0);
}

/** Processes end while one looks at them. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
