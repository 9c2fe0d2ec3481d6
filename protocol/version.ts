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

const NUMBERS = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$/;

/** Whether version `a` comes after `b` (Semantic Versioning 2.0, §11); one that cannot be read comes before all others. */
export function isNewer(a: string, b: string): boolean {
  const [one, other] = [NUMBERS.exec(a), NUMBERS.exec(b)];
  if (!one) return false;
  if (!other) return true;
  for (const n of [1, 2, 3]) {
    const difference = Number(one[n]) - Number(other[n]);
    if (difference !== 0) return difference > 0;
  }
  if (one[4] === undefined || other[4] === undefined) return one[4] === undefined && other[4] !== undefined;
  return isLaterPart(one[4].split('.'), other[4].split('.'));
}

function isLaterPart(ours: readonly string[], theirs: readonly string[]): boolean {
  for (const [n, part] of ours.entries()) {
    const their = theirs[n];
    if (their === undefined) return true;
    if (part === their) continue;
    const [a, b] = [/^\d+$/.test(part), /^\d+$/.test(their)];
    if (a && b) return Number(part) > Number(their);
    return a === b ? part > their : b;
  }
  return false;
}
