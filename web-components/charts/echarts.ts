import { LineChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { type ECharts, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

// The only file that imports ECharts, and only what time series need; loaded when a chart is first seen.
use([LineChart, GridComponent, CanvasRenderer]);

/** An empty chart in an element. */
export const openCanvas = (element: HTMLElement): ECharts => init(element, undefined, { renderer: 'canvas' });

export type { ECharts };
