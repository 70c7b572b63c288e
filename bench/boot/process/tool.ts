/**
 * What an application does at its start: connects to the database, brings it up to date, and closes what it
 * has opened. Each module of tools/ exports one.
 */
export type Boot = (url: string) => Promise<unknown>;

export interface Tool {
  readonly boot: Boot;
}

/** What was asked for, and how it went. Times are those of the process itself, in milliseconds. */
export interface BootReply {
  readonly ms: number;
  /** CPU time of the process. */
  readonly cpuMs: number;
  /** The first line of the error, where it failed. */
  readonly error?: string;
}

/** A library that the project compiles without. */
export async function importLibrary<Module>(name: string): Promise<Module> {
  return import(name);
}
