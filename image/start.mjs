// `npm start` and `npm run agent -- …`: refuses a Node that is too old, in words that are old enough for it (Ubuntu 22.04 and
// Debian 11 come with Node 12): so nothing newer than ES2018 may stand here, and everything else is loaded after the check.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Reeve needs Node 20.19 or newer; this is Node ${process.versions.node} (${process.execPath}).`);
  console.error('Install a newer one from your system or from https://nodejs.org and start again.');
  process.exit(1);
}

import('./become.mjs');
