import type { LiveSeries } from '../../protocol/live.ts';
import type { Descriptor } from '../../protocol/metrics.ts';
import { msg } from '../msg.ts';

/** Series that are drawn on one canvas. */
export interface ChartGroup {
  id: string;
  title: string;
  order: number;
  style: 'line' | 'area' | 'stack';
  /** Metrics in the order of their lines. */
  metrics: readonly Descriptor[];
  series: readonly LiveSeries[];
}

/** Metric ids with commas between, as the history route reads them; a comma in an id gets a backslash. */
export const metricsText = (ids: readonly string[]): string => ids.map((id) => id.replaceAll(',', '\\,')).join(',');

/** The ids that `metricsText` wrote. */
export const metricsOf = (text: string): string[] =>
  (text.match(/(?:\\,|[^,])+/g) ?? []).map((id) => id.replaceAll('\\,', ','));

/** Words of attribute values that OpenTelemetry names by their own. */
function valueWord(value: string): string {
  const words: Record<string, string> = {
    receive: msg('in'),
    transmit: msg('out'),
    read: msg('read'),
    write: msg('write'),
  };
  return words[value] ?? value;
}

/** Titles without the words that all of them begin or end with: `Load, 1 min` and `Load, 5 min` → `1 min`, `5 min`. */
export function shortTitles(titles: readonly string[]): string[] {
  const split = titles.map((title) => title.split(' '));
  const shortest = Math.min(...split.map((words) => words.length));
  const isShared = (index: number) => split.every((words) => words.at(index) === split[0]?.at(index));
  let start = 0;
  while (start < shortest - 1 && isShared(start)) start += 1;
  // `1 min` and `5 min` keep their unit: only whole-word endings of titles that have nothing in common before go.
  let end = 0;
  while (start === 0 && end < shortest - 1 && isShared(-1 - end)) end += 1;
  return split.map((words) => words.slice(start, words.length - end).join(' '));
}

/** What tells a series from the others of its chart: its attributes that differ, after its metric where there are several. */
export function seriesLabel(
  series: LiveSeries,
  { series: all, metrics }: Pick<ChartGroup, 'series' | 'metrics'>,
): string {
  const isDirection = (name: string) => Number(/direction$/.test(name));
  const differing = Object.keys(series.attributes)
    .filter((name) => all.some(({ attributes }) => attributes[name] !== series.attributes[name]))
    .sort((a, b) => isDirection(a) - isDirection(b) || a.localeCompare(b));
  const isOneMetric = all.every(({ metric }) => metric === series.metric);
  const parts = differing.map((name) => valueWord(series.attributes[name] ?? ''));
  if (!isOneMetric || parts.length === 0) {
    const own = Object.values(series.attributes).map(valueWord);
    return isOneMetric && own.length > 0 ? own.join(' ') : [titleIn(series.metric, metrics), ...parts].join(' ');
  }
  return parts.join(' ');
}

function titleIn(metric: string, metrics: readonly Descriptor[]): string {
  const titles = metrics.length > 1 ? shortTitles(metrics.map(({ title }) => title)) : [metrics[0]?.title ?? metric];
  return titles[metrics.findIndex(({ id }) => id === metric)] ?? metric;
}

/** `disk-io` → `Disk io`: the name of a group of several metrics. */
const worded = (id: string): string => id.charAt(0).toUpperCase() + id.slice(1).replace(/[-_]/g, ' ');

/** Descriptors without a hint get a chart of their own, after all others. */
const groupId = ({ id, unit, chart }: Descriptor): string => (chart ? `${chart.group} ${unit}` : id);

interface Members {
  metrics: Map<string, Descriptor>;
  series: LiveSeries[];
}

/** All series in charts as their descriptors say: one chart for each group and unit, in their order. */
export function chartGroups(
  series: readonly LiveSeries[],
  descriptors: { get(metric: string): Descriptor | undefined },
): ChartGroup[] {
  const groups = new Map<string, Members>();
  for (const each of series) {
    const descriptor = descriptors.get(each.metric);
    if (!descriptor) continue;
    const group: Members = groups.get(groupId(descriptor)) ?? { metrics: new Map(), series: [] };
    group.metrics.set(descriptor.id, descriptor);
    group.series.push(each);
    groups.set(groupId(descriptor), group);
  }
  return [...groups]
    .map(([id, group]) => groupOf(id, group))
    .sort((a, b) => a.order - b.order || a.id.localeCompare(b.id));
}

function groupOf(id: string, { metrics, series }: Members): ChartGroup {
  const ordered = [...metrics.values()].sort((a, b) => (a.chart?.order ?? 0) - (b.chart?.order ?? 0));
  const [first] = ordered;
  const rank = new Map(ordered.map((each, index) => [each.id, index]));
  return {
    id,
    title: ordered.length === 1 ? (first?.title ?? id) : worded(first?.chart?.group ?? id),
    order: first?.chart?.order ?? 1_000,
    style: first?.chart?.style ?? 'line',
    metrics: ordered,
    // The agent names what matters most first: used before free, the first core before the second.
    series: [...series].sort((a, b) => (rank.get(a.metric) ?? 0) - (rank.get(b.metric) ?? 0) || a.id - b.id),
  };
}

/** Charts of one subject: `cpu`, `cpu-mode` and `cpu-core` are three views of the same. */
export interface ChartFamily {
  id: string;
  groups: readonly ChartGroup[];
}

/** Groups by the first word of their name, in order; the first of a family is the one to begin with. */
export function chartFamilies(groups: readonly ChartGroup[]): ChartFamily[] {
  const families = new Map<string, ChartGroup[]>();
  for (const group of groups) {
    const hint = group.metrics[0]?.chart;
    const id = hint ? (hint.group.split(/[-_ ]/)[0] ?? hint.group) : group.id;
    families.set(id, [...(families.get(id) ?? []), group]);
  }
  return [...families].map(([id, members]) => ({ id, groups: members }));
}
