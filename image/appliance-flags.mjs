/**
 * Options of Node with which the appliance is started, wherever a line starts it; `npm start` in package.json has them too. V8 lets its
 * young generation grow to 32 MiB, of which the appliance uses 6: with 8 it takes 22 MiB less and no more CPU
 * (`npm run bench -- ingest`). It cannot be set at run time.
 */
export const APPLIANCE_FLAGS = ['--max-semi-space-size=4'];
