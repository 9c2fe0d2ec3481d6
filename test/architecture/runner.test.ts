import { describe, expect, test } from 'vitest';
import { APPLIANCE_FLAGS } from '../../image/appliance-flags.mjs';
import manifest from '../../package.json' with { type: 'json' };
import { judgeCoverage, linesByFolder } from '../coverage.mjs';
import { GROUPS, missingPackages } from '../groups.mjs';
import { runCommand } from '../helpers/command.mjs';
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
