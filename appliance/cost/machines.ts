import type { Machine } from '../../protocol/cost.ts';

const of = (id: string, title: string, [idleWatts, fullWatts, standbyWatts]: [number, number, number]): Machine => ({
  ...{ id, title, idleWatts, fullWatts, standbyWatts },
});

/**
 * Typical machines at the wall, W: idle, full load, switched off. Middles of what owners and reviewers report; a machine with more disks or
 * another power supply is off by a fifth, which is what "modelled ±20 %" says. People correct them, or calibrate.
 */
export const MACHINES: readonly Machine[] = [
  of('pi-zero-2', 'Raspberry Pi Zero 2 W', [0.7, 2.9, 0]),
  of('pi-3', 'Raspberry Pi 3', [2.2, 6, 0.4]),
  of('pi-4', 'Raspberry Pi 4', [2.9, 7.3, 0.4]),
  of('pi-5', 'Raspberry Pi 5', [3.3, 10, 0.1]),
  of('n100', 'Mini PC, Intel N100', [7, 25, 0.8]),
  of('n5105', 'Mini PC, Intel N5105 or J4125', [8, 22, 0.8]),
  of('nuc-i5', 'Intel NUC, Core i5 or i7', [9, 48, 0.9]),
  of('ryzen-mini', 'Mini PC, AMD Ryzen 5 or 7', [10, 65, 1]),
  of('thin-client', 'Thin client', [6, 16, 0.7]),
  of('tiny-pc', 'Office PC of one litre', [10, 65, 0.8]),
  of('nas-2', 'NAS with two disks', [14, 28, 0.8]),
  of('nas-4', 'NAS with four disks', [28, 52, 1]),
  of('omv-nas', 'OpenMediaVault NAS of own parts, four disks', [35, 90, 1.5]),
  of('microserver', 'HP MicroServer', [34, 75, 3]),
  of('laptop', 'Laptop, lid closed', [6, 45, 0.5]),
  of('desktop', 'Desktop PC without graphics card', [32, 130, 1.5]),
  of('gaming', 'Desktop PC with graphics card', [65, 380, 2]),
  of('tower-server', 'Tower server, one processor', [60, 190, 6]),
  of('rack-server', 'Rack server, two processors', [130, 420, 12]),
];

/** What a processor's name gives away. */
const BY_PROCESSOR: readonly [pattern: RegExp, id: string][] = [
  [/raspberry pi zero 2/i, 'pi-zero-2'],
  [/raspberry pi 3|bcm2837/i, 'pi-3'],
  [/raspberry pi 4|bcm2711/i, 'pi-4'],
  [/raspberry pi 5|bcm2712/i, 'pi-5'],
  [/\bN(?:95|97|100|150|200)\b/, 'n100'],
  [/\b(?:N5105|N5095|N6005|J4125|J4105|J5005)\b/, 'n5105'],
  [/\b(?:E5|E7)-\d{4}|\bGold \d{4}|\bSilver \d{4}|\bEPYC\b/i, 'rack-server'],
  [/\bXeon\b/i, 'tower-server'],
  [/\bi[357]-\d{4,5}T\b/i, 'tiny-pc'],
  [/\bi[3579]-\d{4,5}[UGPH]/i, 'nuc-i5'],
  [/\bRyzen [3579] \d{4}(?:U|H|HS)\b/i, 'ryzen-mini'],
  [/\bCore|\bRyzen|\bPentium|\bCeleron/i, 'desktop'],
];

/** The machine of the table that a processor is found in most; undefined where its name says nothing, as in a virtual machine. */
export function machineOf(facts: { cpuModel?: string; virtualisation?: string } | undefined): string | undefined {
  const { cpuModel, virtualisation } = facts ?? {};
  if (cpuModel === undefined || (virtualisation !== undefined && virtualisation !== 'none')) return undefined;
  return BY_PROCESSOR.find(([pattern]) => pattern.test(cpuModel))?.[1];
}
