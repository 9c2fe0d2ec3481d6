/** What is needed only until the agent is paired, or when it has lost its appliance. Loaded as one: it brings mDNS and schemas, 8 MiB. */
export { findAgain } from './find.ts';
export { askToJoin } from './join.ts';
export { pair } from './pair.ts';
