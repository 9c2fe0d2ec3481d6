import * as z from 'zod/mini';
import type { SystemFiles } from '../files.ts';
import type { Run } from '../programs.ts';
import { collector, gauge, type Miss, NothingToRead, type Put } from './collector.ts';

/** One graphics card; absent is what it does not tell. */
export interface Gpu {
  name: string;
  utilization?: number | undefined;
  memoryBytes?: number | undefined;
  memoryLimit?: number | undefined;
  celsius?: number | undefined;
  watts?: number | undefined;
  fan?: number | undefined;
  hertz?: number | undefined;
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

const MIB = 1024 ** 2;
const QUERY = 'index,name,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw,fan.speed,clocks.gr';

/** Reads `nvidia-smi --query-gpu=… --format=csv,noheader,nounits`; `[N/A]` and the like is what a card does not tell. */
export function parseNvidia(output: string): Gpu[] {
  return output.split('\n').flatMap((line) => {
    const [index = '', model = '', ...rest] = line.split(',').map((field) => field.trim());
    const [use, used, total, celsius, watts, fan, megahertz] = rest.map((field) => {
      const value = Number.parseFloat(field);
      return Number.isFinite(value) ? value : undefined;
    });
    if (!/^\d+$/.test(index) || rest.length < 7) return [];
    const times = (value: number | undefined, factor: number) =>
      value === undefined ? undefined : rounded(value * factor);
    return [
      {
        name: `${model} ${index}`,
        utilization: times(use, 0.01),
        memoryBytes: times(used, MIB),
        memoryLimit: times(total, MIB),
        celsius,
        watts,
        fan: times(fan, 0.01),
        hertz: times(megahertz, 1e6),
      },
    ];
  });
}

const DRM = '/sys/class/drm';
const VENDORS: Readonly<Record<string, string>> = { '0x1002': 'amd', '0x8086': 'intel' };

/** Cards of AMD and Intel as their drivers show them (amdgpu, i915 and xe in the kernel's documents). */
export function readCards(files: SystemFiles): Gpu[] {
  return files.list(DRM).flatMap((card) => {
    const device = `${DRM}/${card}/device`;
    const vendor = VENDORS[files.once(`${device}/vendor`)?.trim() ?? ''];
    if (!/^card\d+$/.test(card) || vendor === undefined) return [];
    const number = (path: string, factor = 1) => {
      const value = Number.parseInt(files.once(path) ?? '', 10);
      return Number.isFinite(value) ? rounded(value * factor) : undefined;
    };
    const hwmon = `${device}/hwmon/${files.list(`${device}/hwmon`)[0] ?? 'none'}`;
    return [
      {
        name: `${vendor} ${files.link(device)?.split('/').at(-1) ?? card}`,
        utilization: number(`${device}/gpu_busy_percent`, 0.01),
        memoryBytes: number(`${device}/mem_info_vram_used`),
        memoryLimit: number(`${device}/mem_info_vram_total`),
        celsius: number(`${hwmon}/temp1_input`, 1e-3),
        watts: number(`${hwmon}/power1_average`, 1e-6) ?? number(`${hwmon}/power1_input`, 1e-6),
        hertz:
          number(`${DRM}/${card}/gt_act_freq_mhz`, 1e6) ??
          number(`${device}/tile0/gt0/freq0/act_freq`, 1e6) ??
          number(`${hwmon}/freq1_input`),
      },
    ];
  });
}

function putGpu(put: Put, { name, utilization, memoryBytes, memoryLimit, celsius, watts, fan, hertz }: Gpu): void {
  put('hw.gpu.utilization', utilization, name);
  put('hw.gpu.memory.usage', memoryBytes, name);
  put('hw.gpu.memory.limit', memoryLimit || undefined, name);
  if (memoryBytes !== undefined && memoryLimit)
    put('hw.gpu.memory.utilization', Math.round((memoryBytes / memoryLimit) * 1e4) / 1e4, name);
  put('hw.gpu.temperature', celsius, name);
  put('hw.gpu.power', watts, name);
  put('hw.gpu.fan', fan, name);
  put('hw.gpu.frequency', hertz, name);
}

/** Cards of NVIDIA, where its driver is loaded: to start its program takes it a tenth of a second of processor time. */
async function readNvidia(files: SystemFiles, run: Run, miss: Miss): Promise<Gpu[]> {
  if (!files.exists('/proc/driver/nvidia/version')) return [];
  return askNvidia(run, miss);
}

async function askNvidia(run: Run, miss: Miss): Promise<Gpu[]> {
  const args = [`--query-gpu=${QUERY}`, '--format=csv,noheader,nounits'];
  return run({ command: 'nvidia-smi', args }).then(
    ({ output, code }) => {
      if (code !== 0) miss(`nvidia-smi: ${output.trim().slice(0, 200)}`);
      return parseNvidia(output);
    },
    (error: Error) => {
      miss(error.message);
      return [];
    },
  );
}

const of = { attributes: ['hw.name'] };

/** Graphics cards. Intel's tell how fast they run, not how busy they are. */
export const gpu = collector({
  id: 'gpu',
  title: 'Graphics',
  isSlow: true,
  settings: z.object({}),
  descriptors: [
    gauge('hw.gpu.utilization', 'Graphics use', { max: 1, ...of, chart: { group: 'gpu', order: 78, style: 'line' } }),
    gauge('hw.gpu.memory.utilization', 'Graphics memory use', {
      max: 1,
      ...of,
      chart: { group: 'gpu', order: 79, style: 'line' },
    }),
    gauge('hw.gpu.memory.usage', 'Graphics memory in use', { unit: 'By', rollup: 'last', ...of }),
    gauge('hw.gpu.memory.limit', 'Graphics memory', { unit: 'By', rollup: 'last', ...of }),
    gauge('hw.gpu.temperature', 'Graphics temperature', {
      unit: 'Cel',
      min: -50,
      ...of,
      chart: { group: 'temperature', order: 70, style: 'line' },
    }),
    gauge('hw.gpu.power', 'Graphics power', { unit: 'W', ...of, chart: { group: 'power', order: 72, style: 'line' } }),
    gauge('hw.gpu.fan', 'Graphics fan', { max: 1, ...of }),
    gauge('hw.gpu.frequency', 'Graphics frequency', { unit: 'Hz', ...of }),
  ],
  read: {
    linux: (_settings, { files, run }) => ({
      everyMs: 60_000,
      async read(put, _moment, miss) {
        const reasons: string[] = [];
        const all = [...readCards(files), ...(await readNvidia(files, run, (what) => void reasons.push(what)))];
        if (all.length + reasons.length === 0) throw new NothingToRead('no driver of a graphics card tells anything');
        for (const each of all) putGpu(put, each);
        for (const reason of reasons) miss(reason);
      },
    }),
    win32: (_settings, { run }) => ({
      everyMs: 60_000,
      async read(put, _moment, miss) {
        // Its driver brings the program into Windows' own folder; other makers have none.
        for (const each of await askNvidia(run, miss)) putGpu(put, each);
      },
    }),
  },
  unread: {
    darwin: 'macOS shows the use of its graphics to root only (powermetrics)',
  },
});
