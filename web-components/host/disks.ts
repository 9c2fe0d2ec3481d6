import type { LiveSeries } from '../../protocol/live.ts';
import type { Descriptor } from '../../protocol/metrics.ts';
import { attributeLabel } from '../live/card-values.ts';

/** A file system with how full it is and, where it is read, how large. */
export interface Disk {
  label: string;
  used: number;
  usedBytes?: number;
  totalBytes?: number;
}

interface Source {
  series: readonly LiveSeries[];
  descriptors: { get(metric: string): Descriptor | undefined };
  read: (seriesId: number) => number | undefined;
}

const hasAll = (attributes: Record<string, string>, wanted: Record<string, string>): boolean =>
  Object.entries(wanted).every(([name, value]) => attributes[name] === value);

/** Every file system of a host, fullest first; bytes from the `usage` and `limit` that OpenTelemetry puts beside a `utilization`. */
export function disksOf({ series, descriptors, read }: Source): Disk[] {
  const bytes = (metric: string, attributes: Record<string, string>): number | undefined => {
    const isUsed = (each: LiveSeries) =>
      Object.entries(each.attributes).every(([name, value]) => !/state$/.test(name) || value === 'used');
    const found = series.find((each) => each.metric === metric && hasAll(each.attributes, attributes) && isUsed(each));
    return found && read(found.id);
  };
  const disks: Disk[] = [];
  for (const { id, metric, attributes } of series) {
    const used = read(id);
    if (used === undefined || descriptors.get(metric)?.chart?.card !== 'disk') continue;
    const stem = metric.replace(/utilization$/, '');
    const usedBytes = bytes(`${stem}usage`, attributes);
    const totalBytes = bytes(`${stem}limit`, attributes);
    disks.push({
      label: attributeLabel(attributes),
      used,
      ...(usedBytes !== undefined && { usedBytes }),
      ...(totalBytes !== undefined && { totalBytes }),
    });
  }
  return disks.sort((a, b) => b.used - a.used);
}
