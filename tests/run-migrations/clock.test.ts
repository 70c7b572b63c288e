import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadline } from '../../src/db/deadline.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([
  { when: 'before', signalled: () => AbortSignal.abort() },
  {
    when: 'while',
    signalled: () => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 1);
      return controller.signal;
    },
  },
])('a wait ends with its grace when it is aborted $when it waits', async ({ signalled }) => {
  const clock = new Deadline({ timeoutMs: 60_000, signal: signalled() });
  const onStuck = vi.fn();
  const wait = clock.guard(new Promise(() => {}), 10, onStuck);
  const ended = expect(wait).rejects.toMatchObject({ code: 'ABORTED' });
  await vi.advanceTimersByTimeAsync(9);
  expect(onStuck).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(3);
  expect(onStuck).toHaveBeenCalledOnce();
  await ended;
});
