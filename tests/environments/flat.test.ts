import { describeEnvironment } from './describe-host.ts';
import { npm, yarnNodeModules } from './package-managers.ts';

// Package managers that put all dependencies into one folder.
describeEnvironment(npm);
describeEnvironment(yarnNodeModules);
