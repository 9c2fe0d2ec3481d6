import { describe, expect, test } from 'vitest';
import { APPLIANCE_FLAGS } from '../../image/appliance-flags.mjs';
import manifest from '../../package.json' with { type: 'json' };
import { judgeCoverage, linesByFolder } from '../coverage.mjs';
import { GROUPS, missingPackages } from '../groups.mjs';
import { runCommand } from '../helpers/command.mjs';
import { countReport } from '../report.mjs';
import { doubledMajors, problemsOfLock } from '../scans/dependencies.mjs';

const lines = (covered: number, total: number) => ({ lines: { covered, total } });
const good = { version: '1.0.0', license: 'MIT', integrity: `sha512-${'a'.repeat(86)}==` };
const problems = (entry: object) =>
  problemsOfLock({ packages: { '': {}, 'node_modules/thing': { ...good, ...entry } } });

describe('the coverage gate', () => {
  const folders = linesByFolder(
    {
      total: lines(1, 1),
      '/r/agent/a.ts': lines(9, 10),
      '/r/agent/b.ts': lines(5, 10),
      '/r/appliance/a.ts': lines(1, 1),
    },
    '/r',
  );

  test('adds up the files of a folder', () => expect(folders.get('agent')).toEqual({ total: 20, covered: 14 }));

  test('fails a folder that is below its line, and says what is missing', () => {
    const [verdict] = judgeCoverage(folders, [{ folder: 'agent', now: 71, goal: 90, measuredIn: [] }]);
    expect(verdict).toEqual({
      name: 'coverage of agent',
      ok: false,
      stated: '70.0 % of 20 lines, at least 71 %, goal 90 %',
    });
  });

  test('passes a folder that reaches its line', () => {
    expect(judgeCoverage(folders, [{ folder: 'agent', now: 70, goal: 90, measuredIn: [] }])[0]?.ok).toBe(true);
  });

  test('fails when a folder that was covered is not in the report at all', () => {
    expect(judgeCoverage(folders, [{ folder: 'discovery', now: 90, goal: 90, measuredIn: [] }])[0]?.ok).toBe(false);
  });
});

describe('the scan of the lock file', () => {
  test('finds nothing wrong with a plain package', () => expect(problems({})).toEqual([]));
  test('finds a package that cannot be verified', () => expect(problems({ integrity: 'sha1-x' })).toHaveLength(1));
  test('finds a package from somewhere else', () =>
    expect(problems({ resolved: 'git+ssh://x/y.git#1' })).toHaveLength(1));
  test('finds a licence that is not on the list', () => expect(problems({ license: 'AGPL-3.0' })).toHaveLength(1));
  test('finds a package without a licence', () => expect(problems({ license: undefined })).toHaveLength(1));
  test('finds a package that wants to run a script', () =>
    expect(problems({ hasInstallScript: true })).toHaveLength(1));
  test('takes weak copyleft for a tool, not for what is shipped', () => {
    expect(
      [problems({ license: 'MPL-2.0', dev: true }), problems({ license: 'MPL-2.0' })].map((all) => all.length),
    ).toEqual([0, 1]);
  });
  test('takes one of two licences, and needs both of two', () => {
    expect(problems({ license: '(MIT OR GPL-3.0)' })).toEqual([]);
    expect(problems({ license: 'MIT AND GPL-3.0' })).toHaveLength(1);
  });
  test('names packages that are shipped in two majors', () => {
    const packages = { '': {}, 'node_modules/a': good, 'node_modules/b/node_modules/a': { ...good, version: '2.1.0' } };
    expect(doubledMajors({ packages })).toEqual(['a 1, 2']);
  });
});

test('npm start has the options of Node that the appliance is measured with', () => {
  expect(manifest.scripts.start).toContain(`node ${APPLIANCE_FLAGS.join(' ')} `);
});

describe('what a group ends with', () => {
  const stack = '    at /r/test/a.test.ts:4:43\n    at file:///r/node_modules/runner.js:1:1';
  const one = (status: string, failureMessages: string[] = []) => ({ status, fullName: status, failureMessages });
  const sumOf = (...tests: object[]) =>
    countReport({ testResults: [{ name: '/r/test/a.test.ts', status: 'failed', assertionResults: tests }] }, '/r');

  test('counts each test once and names only what did not pass at once', () => {
    expect(sumOf(one('passed'), one('pending'), one('failed'))).toEqual({
      ...{ passed: 1, failed: 1, skipped: 1 },
      notes: ['skipped: test/a.test.ts: pending', 'failed: test/a.test.ts: failed'],
    });
  });

  test('says why a test failed and where, once for tries that failed alike', () => {
    const why = `\u001b[31mError: no answer\u001b[39m\n${stack}`;
    expect(sumOf(one('failed', [why, why, `Error: refused\n${stack}`])).notes).toEqual([
      'failed: test/a.test.ts: failed',
      '  Error: no answer\n      at /r/test/a.test.ts:4:43',
      '  Error: refused\n      at /r/test/a.test.ts:4:43',
    ]);
  });

  test('says of a test that needed a second try what the first one failed of', () => {
    expect(sumOf(one('failed'), one('passed', ['Error: no answer'])).notes).toEqual([
      'failed: test/a.test.ts: failed',
      'passed at its second try: test/a.test.ts: passed',
      '  Error: no answer',
    ]);
  });

  test('keeps long messages short', () => {
    expect(sumOf(one('failed', ['line\n'.repeat(500)])).notes[1]?.split('\n')).toHaveLength(12);
  });

  test('counts a file that could not be loaded as one failure', () => {
    expect(sumOf()).toMatchObject({ failed: 1, notes: ['failed: test/a.test.ts: outside its tests'] });
  });
});

describe('the runner', () => {
  test('says which packages of a group are missing', () => {
    expect(missingPackages({ packages: { here: ['/nowhere', '/'], gone: ['/nowhere'] } })).toEqual(['gone']);
  });

  test('has a limit for every group that runs tests', () => {
    expect(GROUPS.filter(({ kind, limitMs }) => kind === 'vitest' && !limitMs)).toEqual([]);
  });

  test('reports a program that is not there instead of throwing', async () => {
    expect((await runCommand(['/nowhere/at-all'])).code).toBe(127);
  });

  test('ends a command that takes too long', async () => {
    const { code } = await runCommand([process.execPath, '-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 200 });
    expect(code).toBe(124);
  });
});
