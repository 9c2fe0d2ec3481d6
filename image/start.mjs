// `npm start` and `npm run agent -- …`: installs and builds what is missing, then becomes the program, in this very process,
// so that a signal to npm reaches it and nothing is left behind. Old versions of Node must be able to read this file.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Reeve needs Node 20.19 or newer; this is Node ${process.versions.node} (${process.execPath}).`);
  console.error('Install a newer one from your system or from https://nodejs.org and start again.');
  process.exit(1);
}

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
const { pathToFileURL } = await import('node:url');
const program = join(ROOT, PROGRAMS[which]);
process.argv = [process.execPath, program, ...parameters];
await import(pathToFileURL(program).href);
