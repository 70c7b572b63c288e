import { fileURLToPath } from 'node:url';
import { programOf, type Tool } from '../support/tools.ts';

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** How an application's dependencies are installed and used. */
export interface PackageManager {
  readonly name: string;
  readonly tool: Tool | undefined;
  /** Files of the application's that set it up. */
  readonly settings: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly install: Command;
  /** Runs a script of the application's. */
  readonly node: Command;
  /** Runs a program of a dependency's. */
  readonly exec: Command;
  /** Whether that finds the programs of dependencies of dependencies. */
  readonly linksAllPrograms: boolean;
  readonly hasNodeModules: boolean;
  /** Whether modules find only what their own package.json names. */
  readonly strict: boolean;
  /** The compiler, where it is not this project's. */
  readonly typescript?: string;
  /** The oldest Node that can require() an ES module, where it is not the package's. */
  readonly commonJsFrom?: number;
}

/** What they keep from one run to the next: their own folders belong to the user. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/packaging/', import.meta.url));

/** The one of npm's settings, which npm tells its scripts, and which Yarn does not read. */
const { npm_config_registry } = process.env;
const REGISTRY = npm_config_registry ? { YARN_NPM_REGISTRY_SERVER: npm_config_registry } : {};

export const npm: PackageManager = {
  name: 'npm',
  tool: undefined,
  settings: {},
  env: {},
  install: ['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--strict-peer-deps'],
  node: ['node'],
  exec: ['npx', '--no-install'],
  linksAllPrograms: true,
  hasNodeModules: true,
  strict: false,
};

export const pnpm: PackageManager = {
  name: 'pnpm',
  tool: 'pnpm',
  settings: {
    'pnpm-workspace.yaml': 'hoist: false\nautoInstallPeers: false\nstrictPeerDependencies: true\n',
  },
  env: {},
  install: [
    programOf('pnpm'),
    'install',
    '--no-frozen-lockfile',
    '--prefer-offline',
    '--store-dir',
    `${CACHE}pnpm`,
  ],
  node: ['node'],
  exec: [programOf('pnpm'), 'exec'],
  linksAllPrograms: false,
  hasNodeModules: true,
  strict: true,
};

const yarn = (
  linker: string,
): Omit<PackageManager, 'name' | 'node' | 'hasNodeModules' | 'strict'> => ({
  tool: '@yarnpkg/cli-dist',
  settings: {
    'yarn.lock': '',
    '.yarnrc.yml': `nodeLinker: ${linker}\npnpFallbackMode: none\nenableTelemetry: false\nenableHardenedMode: false\n`,
  },
  env: { YARN_GLOBAL_FOLDER: `${CACHE}yarn`, ...REGISTRY },
  install: ['node', programOf('@yarnpkg/cli-dist'), 'install', '--no-immutable'],
  exec: ['node', programOf('@yarnpkg/cli-dist'), 'run'],
  linksAllPrograms: false,
});

export const yarnNodeModules: PackageManager = {
  ...yarn('node-modules'),
  name: 'Yarn with node_modules',
  node: ['node'],
  hasNodeModules: true,
  strict: false,
};

export const yarnPlugAndPlay: PackageManager = {
  ...yarn('pnp'),
  name: "Yarn Plug'n'Play",
  node: ['node', programOf('@yarnpkg/cli-dist'), 'node'],
  hasNodeModules: false,
  strict: true,
  // Yarn teaches TypeScript where packages are; 7 is a program that it cannot teach.
  typescript: '6.0.3',
  // It answers for imports; Node 20 does not ask for those of a module that is required.
  commonJsFrom: 22,
};
