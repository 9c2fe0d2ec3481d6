/** Version of everything that crosses a process boundary; raised when an older peer would misunderstand a newer one. */
export const PROTOCOL = 1;

/** The oldest peer that is still understood. */
export const OLDEST_PROTOCOL = 1;

export type ProtocolVerdict = 'ok' | 'peer-too-old' | 'peer-too-new';

/** Says whether a peer that speaks `theirs` can be talked to; the answer names the side that has to be updated. */
export function judgeProtocol(theirs: number): ProtocolVerdict {
  if (theirs < OLDEST_PROTOCOL) return 'peer-too-old';
  return theirs > PROTOCOL ? 'peer-too-new' : 'ok';
}
