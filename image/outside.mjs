/**
 * Packages that are not in the appliance's bundle but beside it, with all that they need: one has its binary beside itself, the other is run by
 * path in a thread, and seldom.
 */
export const OUTSIDE = ['@node-rs/argon2', 'node-ssh'];
