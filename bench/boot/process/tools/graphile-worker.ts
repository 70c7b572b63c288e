import { importLibrary } from '../tool.ts';

interface GraphileWorker {
  readonly Logger: new (factory: () => () => void) => object;
  runMigrations(options: { connectionString: string; logger: object }): Promise<void>;
}

const { Logger, runMigrations } = await importLibrary<GraphileWorker>('graphile-worker');
const logger = new Logger(() => () => {});

export const boot = (url: string) => runMigrations({ connectionString: url, logger });
