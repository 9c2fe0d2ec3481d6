/** What is needed only until the agent is paired, or when it has lost its appliance. Loaded as one: it brings mDNS and schemas, 8 MiB. */
export { findAgain } from './find.ts';
export { pair } from './pair.ts';
export { advertise } from './presence.ts';
