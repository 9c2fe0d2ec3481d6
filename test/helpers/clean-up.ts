import { afterAll } from 'vitest';
import { removeDirectories } from './directories.ts';

/** After all hooks of a test file: directories that outlived their test go, those of programs that it started included. */
afterAll(removeDirectories);
