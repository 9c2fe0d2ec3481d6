import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** One project per group of tests; `test/run.mjs` decides which of them run on this machine. */
const unit = ['protocol', 'discovery', 'agent', 'appliance', 'web-components', 'architecture', 'image'];

/** What kills processes, cuts power and fills disks takes minutes: it is a group of its own, so that the everyday ones stay quick. */
const endurance = [
  'test/appliance/history/chaos/**/*.test.ts',
  'test/appliance/history/disk-trouble.test.ts',
  'test/appliance/store/postgres/full-disk.test.ts',
  'test/appliance/backup/restore.test.ts',
  'test/agent/command.test.ts',
  'test/agent/update/update.test.ts',
  'test/agent/collectors/hung-mount.test.ts',
];

/**
 * What runs as a process of its own or against a real far end only, where coverage does not see it: `endurance` shows how an agent
 * starts, updates itself and goes back (test/agent/update, test/agent/command.test.ts), `parts` how it speaks to a broker.
 */
const asProcess = ['agent/{command,run,print,pair-only}.ts', 'agent/update/**', 'agent/mqtt/publisher.ts'];

export default defineConfig({
  test: {
    globals: false,
    setupFiles: 'test/helpers/clean-up.ts',
    // Longer than any test needs on a quiet machine: what is slow is seen by the benchmarks, not by a test that gives up.
    testTimeout: 20_000,
    // Half of what a test does is to wait for a process: on a small machine too, two run side by side.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: unit.map((folder) => `test/${folder}/**/*.test.ts`),
          exclude: endurance,
          env: { REEVE_MDNS: 'off' },
        },
      },
      {
        extends: true,
        test: { name: 'endurance', include: endurance, env: { REEVE_MDNS: 'off' } },
      },
      {
        extends: true,
        test: {
          name: 'fuzz',
          include: ['test/fuzz/**/*.test.ts'],
          env: { REEVE_MDNS: 'off' },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          globalSetup: 'test/helpers/built.mjs',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          env: { REEVE_MDNS: 'off' },
        },
      },
      {
        extends: true,
        test: {
          name: 'lan',
          globalSetup: 'test/helpers/built.mjs',
          include: ['test/lan/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'install',
          globalSetup: ['test/executables/harness/built.mjs', 'test/install/harness/debian.ts'],
          include: ['test/install/**/*.test.ts'],
          testTimeout: 120_000,
          env: { REEVE_MDNS: 'off' },
        },
      },
      {
        extends: true,
        test: {
          name: 'executables',
          globalSetup: 'test/executables/harness/built.mjs',
          include: ['test/executables/**/*.test.ts'],
          testTimeout: 150_000,
          hookTimeout: 150_000,
          fileParallelism: false,
          env: { REEVE_MDNS: 'off' },
        },
      },
      {
        extends: true,
        test: {
          name: 'image',
          globalSetup: 'test/os/harness/built.ts',
          include: ['test/os/**/*.test.ts'],
          // A machine under emulation starts in half a minute on two processors of its own, and in three on shared ones.
          testTimeout: 1_200_000,
          hookTimeout: 600_000,
          fileParallelism: false,
          env: { REEVE_MDNS: 'off' },
        },
      },
      {
        extends: true,
        test: {
          name: 'emulated',
          globalSetup: 'test/helpers/built.mjs',
          include: ['test/emulated/**/*.test.ts'],
          testTimeout: 250_000,
          hookTimeout: 250_000,
          fileParallelism: false,
          env: { REEVE_MDNS: 'off' },
        },
      },
      {
        extends: true,
        test: {
          name: 'container',
          globalSetup: 'test/helpers/built.mjs',
          include: ['test/container/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 420_000,
        },
      },
      {
        extends: true,
        test: { name: 'lynis', include: ['test/lynis/**/*.test.ts'], testTimeout: 880_000, hookTimeout: 60_000 },
      },
      {
        extends: true,
        test: { name: 'parts', include: ['test/parts/**/*.test.ts'], testTimeout: 60_000, env: { REEVE_MDNS: 'off' } },
      },
    ],
    coverage: {
      provider: 'v8',
      // Only the product: `agent/**` alone would take test/agent too.
      exclude: ['test/**', ...asProcess],
      include: [
        'protocol/**/*.ts',
        'discovery/**/*.ts',
        'agent/**/*.ts',
        'appliance/**/*.ts',
        'web-components/**/*.ts',
      ],
      reporter: ['json', 'json-summary'],
      reportsDirectory: 'coverage',
    },
  },
});
