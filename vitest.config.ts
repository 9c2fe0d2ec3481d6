import { defineConfig } from 'vitest/config';

/** One project per group of tests; `test/run.mjs` decides which of them run on this machine. */
const unit = ['protocol', 'discovery', 'agent', 'appliance', 'web-components', 'architecture', 'image'];

export default defineConfig({
  test: {
    globals: false,
    setupFiles: 'test/helpers/clean-up.ts',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: unit.map((folder) => `test/${folder}/**/*.test.ts`),
          env: { REEVE_MDNS: 'off' },
        },
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
          globalSetup: 'test/helpers/built.mjs',
          include: ['test/install/**/*.test.ts'],
          testTimeout: 120_000,
          env: { REEVE_MDNS: 'off' },
        },
      },
      {
        extends: true,
        test: { name: 'parts', include: ['test/parts/**/*.test.ts'], testTimeout: 60_000, env: { REEVE_MDNS: 'off' } },
      },
    ],
    coverage: {
      provider: 'v8',
      // Only the product: `agent/**` alone would take test/agent too.
      exclude: ['test/**'],
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
