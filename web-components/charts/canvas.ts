import type { ECharts } from './echarts.ts';
import { chartOption, type Drawing } from './options.ts';

/** ECharts on one element: loaded when first asked for, painted only when something that is seen has changed. */
export class ChartCanvas {
  #chart: ECharts | undefined;
  #opening: Promise<void> | undefined;
  #drawn: readonly unknown[] = [];

  get isOpen(): boolean {
    return this.#chart !== undefined;
  }

  /** Opens on `place()`, which is asked again after loading: the element may be gone by then. */
  open(place: () => HTMLElement | null): Promise<void> {
    this.#opening ??= import('./echarts.ts').then(({ openCanvas }) => {
      const element = place();
      this.#opening = undefined;
      if (element && !this.#chart) this.#chart = openCanvas(element);
    });
    return this.#opening;
  }

  close(): void {
    this.#chart?.dispose();
    this.#chart = undefined;
    this.#drawn = [];
  }

  /** Paints, unless all of `inputs` are the same as last time. `drawing` is computed only then. */
  paint(size: { width: number; height: number }, inputs: readonly unknown[], drawing: () => Drawing): void {
    if (!this.#chart || inputs.every((input, index) => input === this.#drawn[index])) return;
    this.#drawn = inputs;
    this.#chart.resize({ ...size, silent: true });
    this.#chart.setOption(chartOption(drawing()) as Parameters<ECharts['setOption']>[0], { replaceMerge: ['series'] });
  }
}
