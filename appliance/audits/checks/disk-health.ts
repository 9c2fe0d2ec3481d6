import { type Check, found, OK, unknown } from './check.ts';

export const diskHealth: Check = {
  id: 'disk-health',
  title: 'A disk is failing',
  severity: 'critical',
  reason: 'Its own figures foretell that it breaks; what is on it is lost then.',
  judge({ smart }) {
    if (!smart || smart.length === 0)
      return unknown('only a full audit as root reads this, where smartctl is installed');
    const lines = smart.flatMap(({ disk, lines: said }) =>
      said.flatMap((line) => (isBad(line) ? [`${disk}: ${line.replace(/\s+/g, ' ').slice(0, 160)}`] : [])),
    );
    const isFailing = lines.some((line) => /FAILED|FAILING/i.test(line));
    return lines.length === 0
      ? OK
      : found(lines, 'Copy what is on it now, and replace it.', isFailing ? 'critical' : 'high');
  },
};

function isBad(line: string): boolean {
  if (/health/i.test(line)) return !/PASSED|OK\b/i.test(line) && /FAIL/i.test(line);
  const used = /Percentage Used:\s+(\d+)%/i.exec(line)?.[1];
  if (used !== undefined) return Number(used) >= 100;
  const raw =
    /(?:Reallocated_Sector\w*|Current_Pending\w*)\s.*?(\d+)\s*(?:\(.*\))?$/.exec(line)?.[1] ??
    /Media and Data Integrity Errors:\s+(\d+)/i.exec(line)?.[1];
  return raw !== undefined && Number(raw) > 0;
}
