/**
 * Options of Node with which the appliance is started, wherever a line starts it; `npm start` in package.json has them too. V8 lets its
 * young generation grow to 32 MiB, of which the appliance uses 6: with 8 it takes 22 MiB less and no more CPU
 * (`npm run bench -- ingest`). It cannot be set at run time. On a machine with much memory V8 also lets garbage lie that is small for such
 * a machine; with a limit of 512 MiB, many times what the appliance uses, it takes 65 MiB less after queries (`npm run bench -- history`).
 * Its compilers wait until a function has run a while before they begin to learn about it: an appliance is asked a few times a minute,
 * and would be slow for hours. Without that wait the first dozens of answers take a tenth to a quarter less, at no cost in memory.
 */
export const APPLIANCE_FLAGS = ['--max-semi-space-size=4', '--max-old-space-size=512', '--no-lazy-feedback-allocation'];
