import { FRAME_LIMITS } from '../protocol/limits.ts';
import type { Attributes } from '../protocol/metrics.ts';
import type { DescriptorInput } from './collectors/collector.ts';

export interface DeclaredSeries {
  ix: number;
  metric: string;
  attributes: Attributes;
}

/** Between label values in a key; no file name, interface or mount point holds it. */
const SEPARATOR = '\0';
const LONGEST_LABEL = 256;

/** Gives every series of a stream its index, from 0 without gaps. An index is never given twice. */
export class SeriesTable {
  readonly #descriptors: Map<string, DescriptorInput>;
  readonly #indices = new Map<string, Map<string, number>>();
  readonly #series: DeclaredSeries[] = [];
  #refused = false;

  constructor(descriptors: readonly DescriptorInput[]) {
    this.#descriptors = new Map(descriptors.map((each) => [each.id, each]));
  }

  get size(): number {
    return this.#series.length;
  }

  /** True once a series was turned away because the host has too many. */
  get isFull(): boolean {
    return this.#refused;
  }

  /** A metric that is found only while reading; one that is known stays as it is. */
  learn(descriptor: DescriptorInput): void {
    if (!this.#descriptors.has(descriptor.id)) this.#descriptors.set(descriptor.id, descriptor);
  }

  /** The series from index `from` on: what has come since a declaration that ended there. */
  since(from: number): DeclaredSeries[] {
    return this.#series.slice(from);
  }

  /** What the metrics of these series are. */
  describe(series: readonly DeclaredSeries[]): DescriptorInput[] {
    const ids = new Set(series.map(({ metric }) => metric));
    return [...ids].map((id) => this.#describe(id));
  }

  /** Index of a series, a new one when it was never seen; undefined when the host has too many already. */
  indexOf(metric: string, labels: readonly string[]): number | undefined {
    const key = labels.length === 1 ? (labels[0] ?? '') : labels.join(SEPARATOR);
    return this.#indices.get(metric)?.get(key) ?? this.#add(metric, labels, key);
  }

  #add(metric: string, labels: readonly string[], key: string): number | undefined {
    const { attributes: names = [] } = this.#describe(metric);
    if (names.length !== labels.length)
      throw new Error(`${metric} has the attributes [${names}], but was put with [${labels}]`);
    const ix = this.#series.length;
    if (ix >= FRAME_LIMITS.seriesPerHost) {
      this.#refused = true;
      return undefined;
    }
    const attributes = Object.fromEntries(names.map((name, i) => [name, (labels[i] ?? '').slice(0, LONGEST_LABEL)]));
    this.#series.push({ ix, metric, attributes });
    const indices = this.#indices.get(metric) ?? new Map<string, number>();
    this.#indices.set(metric, indices.set(key, ix));
    return ix;
  }

  #describe(metric: string): DescriptorInput {
    const found = this.#descriptors.get(metric);
    if (!found) throw new Error(`${metric} has no descriptor`);
    return found;
  }
}
