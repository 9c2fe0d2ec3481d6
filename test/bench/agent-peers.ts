import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort, holdPort } from '../helpers/ports.ts';
import { type Program, startProgram } from '../helpers/program.ts';
import { type Exporter, startExporter } from './node-exporter.ts';

/** An agent of others that reads the same things of this machine. */
export interface Peer {
  name: string;
  program: Program;
  /** Asks for all values, of those that are asked instead of sending by themselves. */
  ask?: () => Promise<void>;
}

interface Place {
  /** A folder of its own. */
  dir: string;
  seconds: number;
}

/** The Debian package that has each program. */
const PACKAGES: Record<string, string> = {
  '/usr/sbin/collectd': 'collectd-core',
  '/usr/sbin/netdata': 'netdata-core',
  '/usr/sbin/zabbix_agent2': 'zabbix-agent2',
};

function start(command: readonly string[]): Program {
  const [file = ''] = command;
  if (!existsSync(file)) throw new Error(`${file} is missing: apt-get install ${PACKAGES[file]}`);
  return startProgram(command);
}

const own = (dir: string, name: string): string => {
  const folder = join(dir, name);
  mkdirSync(folder, { recursive: true });
  return folder;
};

/** Sends its values by UDP to a port where nobody listens. */
function collectd({ dir, seconds }: Place): Peer {
  const folder = own(dir, 'collectd');
  const file = join(folder, 'collectd.conf');
  const plugins = ['cpu', 'memory', 'swap', 'df', 'disk', 'interface', 'load', 'uptime'];
  writeFileSync(
    file,
    `Hostname "bench"
FQDNLookup false
BaseDir "${folder}"
PIDFile "${join(folder, 'pid')}"
PluginDir "/usr/lib/collectd"
TypesDB "/usr/share/collectd/types.db"
Interval ${seconds}
${[...plugins, 'network'].map((name) => `LoadPlugin ${name}`).join('\n')}
<Plugin network>
 Server "127.0.0.1" "25825"
</Plugin>
`,
  );
  return { name: 'collectd', program: start(['/usr/sbin/collectd', '-f', '-C', file]) };
}

/** Cut down to what reads the same: no database on disk, no web page, no other plug-in. */
async function netdata({ dir, seconds }: Place): Promise<Peer> {
  const folder = own(dir, 'netdata');
  const file = join(folder, 'netdata.conf');
  const off = ['apps', 'cgroups', 'checks', 'ebpf', 'idlejitter', 'slabinfo', 'tc', 'timex', 'python.d', 'charts.d'];
  writeFileSync(
    file,
    `[global]
 run as user = root
[directories]
 cache = ${folder}
 lib = ${folder}
 log = ${folder}
[db]
 mode = none
 update every = ${seconds}
[web]
 mode = static-threaded
 bind to = 127.0.0.1:${await freePort()}
[health]
 enabled = no
[ml]
 enabled = no
[statsd]
 enabled = no
[plugins]
 netdata monitoring = no
 enable running new plugins = no
 proc = yes
 diskspace = yes
${off.map((name) => ` ${name} = no`).join('\n')}
`,
  );
  return { name: 'netdata (cut down)', program: start(['/usr/sbin/netdata', '-D', '-c', file]) };
}

const ITEMS = [
  ...['system.cpu.util[,user]', 'system.cpu.util[,system]', 'system.cpu.util[,iowait]', 'system.uptime'],
  ...[
    'system.cpu.load[all,avg1]',
    'system.cpu.load[all,avg5]',
    'system.cpu.load[all,avg15]',
    'system.swap.size[,free]',
  ],
  ...['vm.memory.size[total]', 'vm.memory.size[available]', 'vm.memory.size[cached]', 'vfs.fs.size[/,total]'],
  ...['vfs.fs.size[/,used]', 'vfs.fs.size[/,pused]', 'net.if.in[lo]', 'net.if.out[lo]'],
];

/** One item of a zabbix agent, by its own protocol: `ZBXD`, version, length. */
function askZabbix(port: number, item: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const body = Buffer.from(item);
    const head = Buffer.alloc(13);
    head.write('ZBXD\x01', 'latin1');
    head.writeUInt32LE(body.length, 5);
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.concat([head, body])));
    const parts: Buffer[] = [];
    socket.on('data', (part) => parts.push(part));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(parts).subarray(13).toString()));
  });
}

/** The agent of zabbix takes no port above 32767, where the free ones of the system lie. */
async function lowPort(): Promise<number> {
  for (let port = 21_050; port < 32_768; port++) {
    const held = await holdPort(port).catch(() => undefined);
    await held?.release();
    if (held) return port;
  }
  throw new Error('no port from 21050 to 32767 is free');
}

async function zabbix({ dir }: Place): Promise<Peer> {
  const folder = own(dir, 'zabbix');
  const [file, port] = [join(folder, 'zabbix.conf'), await lowPort()];
  writeFileSync(
    file,
    `PidFile=${join(folder, 'pid')}
LogFile=${join(folder, 'log')}
Server=127.0.0.1
ListenIP=127.0.0.1
ListenPort=${port}
Hostname=bench
ControlSocket=${join(folder, 'socket')}
PluginSocket=${join(folder, 'plugins')}
`,
  );
  const ask = async (): Promise<void> => {
    for (const item of ITEMS) {
      const answer = await askZabbix(port, item);
      if (answer.includes('NOTSUPPORTED')) throw new Error(`zabbix-agent2 has no ${item}: ${answer}`);
    }
  };
  return {
    name: `zabbix-agent2 (${ITEMS.length} items)`,
    program: start(['/usr/sbin/zabbix_agent2', '-f', '-c', file]),
    ask,
  };
}

const nodeExporter = (name: string, exporter: Exporter): Peer => ({ name, program: exporter, ask: exporter.scrape });

/** Starts Debian's collectd, netdata, zabbix-agent2 and node_exporter, all at the same interval. */
export async function startPeers(place: Place): Promise<Peer[]> {
  return [
    nodeExporter('node_exporter (minimal)', await startExporter()),
    nodeExporter('node_exporter (default)', await startExporter('default')),
    collectd(place),
    await netdata(place),
    await zabbix(place),
  ];
}
