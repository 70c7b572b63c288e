import type { Reporter, TestModule, Vitest } from 'vitest/node';

/** Says at the end of a run why tests were skipped: by context.skip(why), or in a test's name. */
export default class SkippedReporter implements Reporter {
  #byName = false;

  onInit({ config }: Vitest): void {
    this.#byName = config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const result = test.result();
        const note = result.state === 'skipped' ? result.note : undefined;
        // With -t all other tests are skipped, for no reason of their own.
        if (note === undefined && this.#byName) continue;
        const reason = note ?? test.fullName;
        counts.set(reason, (counts.get(reason) ?? 0) + 1);
      }
    }
    for (const [reason, count] of counts) process.stderr.write(`Skipped ${count}: ${reason}\n`);
  }
}
