/**
 * Options of Node with which an agent is started, wherever we write the line that starts it: a small young generation, and no
 * optimising compiler, which costs 6 MiB and gains nothing for a program that works a millisecond every few seconds. Measured by
 * `npm run bench -- agent`.
 */
export const AGENT_FLAGS = ['--max-semi-space-size=1', '--optimize-for-size', '--no-opt'] as const;
