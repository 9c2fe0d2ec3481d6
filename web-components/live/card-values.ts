import type { LiveSeries } from '../../protocol/live.ts';
import type { Descriptor } from '../../protocol/metrics.ts';

/** One file system on a card. */
export interface Space {
  label: string;
  used: number;
}

/** What a host card shows; a value that nobody reads is absent. Shares are 0–1, rates bytes a second. */
export interface CardValues {
  /** Moment of the frame, appliance time. */
  at: number;
  cpu?: number;
  memory?: number;
  /** All file systems, fullest first. */
  disks: readonly Space[];
  networkIn?: number;
  networkOut?: number;
}

interface CardSource {
  series: Iterable<LiveSeries>;
  /** Last value of a series. */
  read: (id: number) => number | null | undefined;
  descriptors: { get(metric: string): Descriptor | undefined };
}

/** The attribute that people know a series by: a mount point or drive before a device, else whatever is there. */
export function attributeLabel(attributes: Record<string, string>): string {
  const preferred = Object.keys(attributes).find((name) => /mountpoint|\.name$|^name$|interface/.test(name));
  if (preferred) return attributes[preferred] ?? '';
  return Object.values(attributes).join(' ');
}

/** Sums up a host's card series by the role that their descriptors give them; interfaces are added, file systems sorted. */
export function cardValues(at: number, { series, read, descriptors }: CardSource): CardValues {
  const values: CardValues = { at, disks: [] };
  const disks: Space[] = [];
  for (const { id, metric, attributes } of series) {
    const value = read(id);
    if (value === null || value === undefined) continue;
    switch (descriptors.get(metric)?.chart?.card) {
      case 'cpu':
        values.cpu = value;
        break;
      case 'memory':
        values.memory = value;
        break;
      case 'disk':
        disks.push({ label: attributeLabel(attributes), used: value });
        break;
      case 'network-in':
        values.networkIn = (values.networkIn ?? 0) + value;
        break;
      case 'network-out':
        values.networkOut = (values.networkOut ?? 0) + value;
        break;
    }
  }
  values.disks = disks.sort((a, b) => b.used - a.used);
  return values;
}
