// Installs and builds what is missing, then becomes the program that the first argument names, in this very process, so that a
// signal to npm reaches it and nothing is left behind.
const PROGRAMS = {
  appliance: 'dist/appliance/main.js',
  agent: 'dist/agent/agent.cjs',
  reeve: 'dist/appliance/reeve.js',
};
const [which, ...parameters] = process.argv.slice(2);
if (!Object.hasOwn(PROGRAMS, which)) {
  console.error(`Say what to start: ${Object.keys(PROGRAMS).join(', ')}. It is ${which ?? 'missing'}.`);
  process.exit(2);
}

const { ensureBuilt, ROOT } = await import('./prepare.mjs');
try {
  await ensureBuilt();
} catch (error) {
  console.error(`Reeve could not be made ready: ${error.message}.`);
  process.exit(1);
}

const { join } = await import('node:path');
const { createRequire } = await import('node:module');
const program = join(ROOT, PROGRAMS[which]);
process.argv = [process.execPath, program, ...parameters];
createRequire(program)(program);
