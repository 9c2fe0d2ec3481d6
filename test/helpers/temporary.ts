import { onTestFinished } from 'vitest';
import { makeDirectory, removeDirectory } from './directories.ts';

export { makeDirectory, removeDirectory };

/** An empty directory of its own for one test; removed when the test has finished. Call it inside a test. */
export function temporaryDirectory(prefix = 'reeve-test-'): string {
  const directory = makeDirectory(prefix);
  onTestFinished(() => removeDirectory(directory));
  return directory;
}
