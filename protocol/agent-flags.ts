/**
 * Options of Node with which an agent is started, wherever we write the line that starts it: a small young generation, and no
 * optimising compiler, which costs 6 MiB and gains nothing for a program that works a millisecond every few seconds. Without V8's
 * threads for background work it sleeps better: 0.1 wake-ups a second less at 5 s, 0.7 at 1 s. Measured by `npm run bench -- agent`.
 */
export const AGENT_FLAGS = [
  '--max-semi-space-size=1',
  '--optimize-for-size',
  '--no-opt',
  '--single-threaded',
  '--v8-pool-size=0',
] as const;
