// A host that advertises and browses through discovery/, as its argument says, and tells in lines of JSON what it sees.
import { AGENT, APPLIANCE } from '../../../discovery/kinds.ts';
import { Lan, type LanTiming } from '../../../discovery/lan.ts';
import type { TxtRecord } from '../../../discovery/services.ts';

interface Configuration {
  advertise?: { type: string; name: string; port: number; txt: TxtRecord }[];
  browse?: 'appliance' | 'agent';
  timing?: Partial<LanTiming>;
}

const configuration: Configuration = JSON.parse(process.argv[2] ?? '{}');
const say = (line: object) =>
  process.stdout.write(`${JSON.stringify({ ms: Math.round(performance.now()), ...line })}\n`);
const write = (level: string) => (detail: object, message: string) => say({ kind: 'log', level, message, ...detail });
const lan = new Lan({
  log: { debug: write('debug'), info: write('info'), warn: write('warn') },
  ...(configuration.timing && { timing: configuration.timing }),
});

const adverts = (configuration.advertise ?? []).map(({ type, ...rest }) =>
  lan.advertise({ service: { type }, ...rest }),
);
for (const { instance } of adverts) say({ kind: 'advertising', instance });

function look(): void {
  const service = configuration.browse === 'appliance' ? APPLIANCE : AGENT;
  lan.browse(service as typeof AGENT, ({ kind, sighting }) => {
    const { instance, port, addresses, record } = sighting;
    say({ kind, instance, name: instance.replace(/ [0-9a-f]{8}$/, ''), port, addresses, record });
  });
}
if (configuration.browse) look();

process.stdin.setEncoding('utf8').on('data', (line: string) => {
  if (line.startsWith('withdraw ')) void adverts[Number(line.slice(9))]?.stop().then(() => say({ kind: 'withdrawn' }));
  if (line.startsWith('cpu')) say({ kind: 'cpu', ...process.cpuUsage(), rss: process.memoryUsage.rss() });
});

process.on('SIGTERM', () => {
  void lan.stop().then(() => {
    say({ kind: 'stopped' });
    process.exit(0);
  });
});
say({ kind: 'ready' });
