import { collectors } from '../../agent/collectors/index.ts';
import { pairWith } from '../../discovery/pairing/client.ts';
import type { Ack, Welcome } from '../../protocol/agent-link.ts';
import type { Attributes } from '../../protocol/metrics.ts';
import { connectByHand, type HandAgent } from './hand-agent.ts';
import type { InProcess } from './in-process.ts';
import { someFacts } from './pairing-appliance.ts';

/** A machine that does not exist: what it is, and how hard it works. */
export interface DemoHost {
  name: string;
  os?: string;
  tags?: readonly string[];
  upDays?: number;
  /** Shares around which its values wander. */
  cpu?: number;
  memory?: number;
  disks?: Record<string, { used: number; totalBytes: number }>;
  /** Bytes a second around which its traffic wanders. */
  traffic?: number;
  interfaces?: readonly string[];
  cores?: number;
}

export interface DemoAgent {
  readonly hostId: string;
  readonly agent: HandAgent;
  /** Sends one durable frame of now. */
  send(): Promise<void>;
  stop(): void;
}

type Value = [metric: string, attributes: Attributes, value: number];

/** A curve that looks measured and is the same in every run: slow waves, quick ones, and a little noise. */
function wander(at: number, seed: number): number {
  const t = at / 1_000 + seed * 977;
  const noise = Math.sin(t * 12.9898 + seed * 78.233) * 43_758.5453;
  const waves = Math.sin(t / 3_600) * 0.3 + Math.sin(t / 300) * 0.25 + Math.sin(t / 41) * 0.2;
  return 1 + waves + (noise - Math.floor(noise) - 0.5) * 0.12;
}

const share = (value: number): number => Math.min(1, Math.max(0.001, value));

function valuesOf(host: DemoHost, seed: number, at: number): Value[] {
  const { cpu = 0.1, memory = 0.4, traffic = 200_000, cores = 4, interfaces = ['eth0'], disks = {} } = host;
  const busy = share(cpu * wander(at, seed));
  const total = 16 * 2 ** 30;
  const used = share(memory * (0.97 + 0.03 * wander(at / 8, seed)));
  const values: Value[] = [
    ['system.cpu.utilization', {}, busy],
    ['system.cpu.mode.utilization', { 'cpu.mode': 'user' }, busy * 0.7],
    ['system.cpu.mode.utilization', { 'cpu.mode': 'system' }, busy * 0.2],
    ['system.cpu.mode.utilization', { 'cpu.mode': 'iowait' }, busy * 0.1],
    ['system.cpu.load_average.1m', {}, busy * cores * 1.1],
    ['system.cpu.load_average.5m', {}, cpu * cores * wander(at / 5, seed)],
    ['system.cpu.load_average.15m', {}, cpu * cores * wander(at / 15, seed)],
    ['system.memory.utilization', {}, used],
    ['system.memory.limit', {}, total],
    ['system.memory.usage', { 'system.memory.state': 'used' }, used * total],
    ['system.memory.usage', { 'system.memory.state': 'cached' }, (1 - used) * total * 0.6],
    ['system.memory.usage', { 'system.memory.state': 'free' }, (1 - used) * total * 0.4],
    ['hw.temperature', { 'hw.name': 'Package id 0' }, 38 + 25 * busy],
    ['hw.temperature', { 'hw.name': 'nvme0' }, 35 + 8 * wander(at / 4, seed)],
  ];
  for (let core = 0; core < cores; core += 1) {
    values.push([
      'system.cpu.core.utilization',
      { 'cpu.logical_number': String(core) },
      share(cpu * wander(at, seed + core)),
    ]);
  }
  return [...values, ...diskValues(disks, seed, at), ...networkValues(interfaces, traffic, { seed, at })];
}

function diskValues(disks: NonNullable<DemoHost['disks']>, seed: number, at: number): Value[] {
  const io: Value[] = ['read', 'write'].map(
    (direction, i): Value => [
      'system.disk.io.rate',
      { 'system.device': 'nvme0n1', 'disk.io.direction': direction },
      Math.max(0, 400_000 * (wander(at, seed + i + 5) - 0.8)),
    ],
  );
  const spaces = Object.entries(disks).flatMap(([mountpoint, { used, totalBytes }]): Value[] => {
    const place = { 'system.filesystem.mountpoint': mountpoint };
    return [
      ['system.filesystem.utilization', place, used],
      ['system.filesystem.usage', { ...place, 'system.filesystem.state': 'used' }, used * totalBytes],
      ['system.filesystem.usage', { ...place, 'system.filesystem.state': 'free' }, (1 - used) * totalBytes],
      ['system.filesystem.limit', place, totalBytes],
    ];
  });
  return [...io, ...spaces];
}

function networkValues(
  interfaces: readonly string[],
  traffic: number,
  { seed, at }: { seed: number; at: number },
): Value[] {
  const rate = (i: number, part: number) => traffic * part * wander(at, seed + 20 + i) ** 2;
  const each = interfaces.flatMap((name, i): Value[] => [
    [
      'system.network.io.rate',
      { 'network.interface.name': name, 'network.io.direction': 'receive' },
      rate(i, 1 / (i + 1)),
    ],
    [
      'system.network.io.rate',
      { 'network.interface.name': name, 'network.io.direction': 'transmit' },
      rate(i + 3, 0.3 / (i + 1)),
    ],
  ]);
  const sum = (direction: string) =>
    each
      .filter(([, attributes]) => attributes['network.io.direction'] === direction)
      .reduce((total, [, , value]) => total + value, 0);
  return [
    ...each,
    ['system.network.receive.rate', {}, sum('receive')],
    ['system.network.transmit.rate', {}, sum('transmit')],
  ];
}

const must = <T>(answer: { ok: true; value: T } | { ok: false; error: { message: string } }): T => {
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
};

/** Pairs a host that does not exist with a real appliance; it sends frames when told, and samples while somebody watches. */
export async function joinDemoHost(
  reeve: InProcess,
  host: DemoHost,
  { seed = 1, pastMs = 0 } = {},
): Promise<DemoAgent> {
  const facts = {
    ...someFacts,
    hostName: host.name,
    machineId: `machine-${host.name}`,
    os: host.os ?? 'Debian 13',
    cpuModel: 'Intel N100',
    cpuCores: host.cores ?? 4,
    memoryBytes: 16 * 2 ** 30,
    addresses: [`192.168.1.${10 + seed}`],
    bootAt: Date.now() - (host.upDays ?? 3) * 86_400_000,
  };
  const { body } = await reeve.call('POST', '/api/v1/agents/tokens', { name: host.name });
  const pairing = await pairWith(reeve.https, { token: String(body.token), name: host.name, facts });
  const agent = await connectByHand(reeve.https, pairing);
  const { hostId } = must(await agent.say<{ hostId: string }>('hello', { agentVersion: '0.1.0', facts }));
  const known = valuesOf(host, seed, Date.now());
  const metrics = new Set(known.map(([metric]) => metric));
  const stream = `demo-stream-${seed}`;
  must(
    await agent.say<Welcome>('declare', {
      stream,
      descriptors: collectors.flatMap(({ descriptors }) => descriptors.filter(({ id }) => metrics.has(id))),
      series: known.map(([metric, attributes], ix) => ({ ix, metric, attributes })),
    }),
  );
  const pairs = (at: number) => valuesOf(host, seed, at).flatMap(([, , value], ix) => [ix, value]);
  let seq = 0;
  const frame = (at: number) => {
    seq += 1;
    return { stream, seq, at, mono: seq * 5_000, values: pairs(at) };
  };
  const now = Date.now();
  for (let at = now - pastMs; at < now; ) {
    const frames = [];
    for (; frames.length < 100 && at < now; at += 5_000) frames.push(frame(at));
    must(await agent.say<Ack[]>('frames', { offsetMs: 0, frames }));
  }
  let watchedUntil = 0;
  agent.socket.on('watch', ({ leaseMs }) => {
    watchedUntil = Date.now() + leaseMs;
  });
  const timer = setInterval(() => {
    if (Date.now() < watchedUntil) agent.socket.emit('watch', { stream, at: Date.now(), values: pairs(Date.now()) });
  }, 1_000);
  return {
    hostId,
    agent,
    send: async () => void must(await agent.say<Ack[]>('frames', { offsetMs: 0, frames: [frame(Date.now())] })),
    stop: () => {
      clearInterval(timer);
      agent.close();
    },
  };
}
