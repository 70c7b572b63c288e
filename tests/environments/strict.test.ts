import { describeEnvironment } from './describe-environment.ts';
import { pnpm, yarnPlugAndPlay } from './package-managers.ts';

// Package managers that let a module find only what its own package.json names.
describeEnvironment(pnpm);
describeEnvironment(yarnPlugAndPlay);
