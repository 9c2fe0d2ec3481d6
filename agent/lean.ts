import { setFlagsFromString } from 'node:v8';

/** Little memory matters more to an agent than speed. What the command line says, by --max-semi-space-size, cannot be said here. */
for (const flag of ['--optimize-for-size', '--max-lazy']) setFlagsFromString(flag);
