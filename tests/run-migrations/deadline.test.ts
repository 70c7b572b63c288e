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
])(
  'guard() rejects after graceMs when the signal is aborted $when it waits',
  async ({ signalled }) => {
    const deadline = new Deadline({ timeoutMs: 60_000, signal: signalled() });
    const onStuck = vi.fn();
    const guarded = deadline.guard(new Promise(() => {}), 10, onStuck);
    const rejected = expect(guarded).rejects.toMatchObject({ code: 'ABORTED' });
    await vi.advanceTimersByTimeAsync(9);
    expect(onStuck).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(3);
    expect(onStuck).toHaveBeenCalledOnce();
    await rejected;
  },
);
