import { resolve } from 'node:path';

/** The repository's top folder; also from a bundle in test/output, which lies as deep. */
export const ROOT = resolve(import.meta.dirname, '../..');
