import { dirname } from 'node:path';
import type { TestProject } from 'vitest/node';
import { removeDirectory } from '../../helpers/directories.ts';
import { makeRoot } from './machine.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A clean Debian that nobody boots: each test file boots a copy. */
    debian: string;
  }
}

let root = '';

/** Made once for all test files, because it takes longer than any of them. */
export function setup(project: TestProject): void {
  root = makeRoot();
  project.provide('debian', root);
}

export function teardown(): void {
  if (root) removeDirectory(dirname(root));
}
