import { describeEnvironment } from './describe-environment.ts';
import { npm, yarnNodeModules } from './package-managers.ts';

// Package managers that put all dependencies into one folder.
describeEnvironment(npm);
describeEnvironment(yarnNodeModules);
