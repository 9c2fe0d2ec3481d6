// A reporter of Vitest's that names the tests that passed only at their second try, in the file REEVE_TEST_UNSTABLE.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

export default class Unstable {
  names = [];

  onTestCaseResult(test) {
    if (test.diagnostic()?.flaky) this.names.push(`${relative(process.cwd(), test.module.moduleId)}: ${test.fullName}`);
  }

  onTestRunEnd() {
    writeFileSync(process.env.REEVE_TEST_UNSTABLE, JSON.stringify(this.names));
  }
}
