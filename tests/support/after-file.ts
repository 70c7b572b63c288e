const tasks: (() => unknown)[] = [];

/** Calls a function after each test file: without isolation a module outlives the file that imports it. */
export function afterFile(task: () => unknown): void {
  tasks.push(task);
}

/** Calls what was registered, in order. */
export async function runAfterFile(): Promise<void> {
  for (const task of tasks) await task();
}
