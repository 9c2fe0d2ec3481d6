import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { bundled } from './programs.ts';
import { RunningProgram } from './running.ts';

/** Prefix of every namespace of ours; the process id behind it tells left-overs of killed runs. */
const MARK = 'rvlan';
let made = 0;

const ip = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Says why no LAN can be made here; undefined when it can. */
export function whyNoLan(): string | undefined {
  try {
    const probe = `${MARK}-${process.pid}-probe`;
    ip('netns', 'add', probe);
    ip('netns', 'del', probe);
    return undefined;
  } catch (error) {
    return `network namespaces cannot be made here (root or unprivileged user namespaces, and iproute2): ${String(error)}`;
  }
}

export interface LanOptions {
  hosts: number;
  /** First three bytes of its addresses; host i has `.10+i`. */
  network?: string;
}

/** A LAN of its own: a bridge and hosts in network namespaces, without a gateway or a multicast route. */
export class TestLan {
  readonly prefix: string;
  readonly network: string;
  readonly hosts: TestHost[] = [];

  constructor({ hosts, network = '10.77.0' }: LanOptions) {
    removeLeftOvers();
    this.prefix = `${MARK}-${process.pid}-${++made}`;
    this.network = network;
    process.once('exit', this.close);
    ip('netns', 'add', this.bridge);
    ip(
      '-n',
      this.bridge,
      'link',
      'add',
      'br0',
      'type',
      'bridge',
      'stp_state',
      '0',
      'forward_delay',
      '0',
      'mcast_snooping',
      '0',
    );
    ip('-n', this.bridge, 'link', 'set', 'lo', 'up');
    ip('-n', this.bridge, 'link', 'set', 'br0', 'up');
    for (let i = 1; i <= hosts; i++) this.hosts.push(new TestHost(this, i));
  }

  get bridge(): string {
    return `${this.prefix}-br`;
  }

  /** Host 1, 2, … */
  host(i: number): TestHost {
    const host = this.hosts[i - 1];
    if (!host) throw new Error(`this LAN has ${this.hosts.length} hosts`);
    return host;
  }

  /** nft rules of the bridge, as text: what gets lost between all hosts. */
  async firewallOfBridge(rules: string): Promise<void> {
    const nft = spawn('ip', ['netns', 'exec', this.bridge, 'nft', '-f', '-']);
    nft.stdin.end(rules);
    const [code] = await once(nft, 'exit');
    if (code !== 0) throw new Error(`nft refused: ${rules}`);
  }

  /** Puts a second interface of a host of another LAN onto this one. */
  attach(host: TestHost, name: string, last: number): void {
    this.plug(host, name, last);
  }

  plug(host: TestHost, name: string, last: number): void {
    const port = `v${last}`;
    ip('-n', this.bridge, 'link', 'add', port, 'type', 'veth', 'peer', 'name', name, 'netns', host.namespace);
    ip('-n', this.bridge, 'link', 'set', port, 'master', 'br0', 'up');
    ip(
      '-n',
      host.namespace,
      'link',
      'set',
      name,
      'address',
      `02:77:00:00:${this.network.split('.')[2]?.padStart(2, '0')}:${last.toString(16).padStart(2, '0')}`,
    );
    host.up(name, `${this.network}.${last}`);
  }

  readonly close = (): void => {
    process.removeListener('exit', this.close);
    for (const name of namespaces()) if (name.startsWith(`${this.prefix}-`)) removeNamespace(name);
  };
}

/** One host of a test LAN. */
export class TestHost {
  readonly lan: TestLan;
  readonly namespace: string;
  readonly address: string;

  constructor(lan: TestLan, i: number) {
    this.lan = lan;
    this.namespace = `${lan.prefix}-h${i}`;
    this.address = `${lan.network}.${10 + i}`;
    ip('netns', 'add', this.namespace);
    ip('-n', this.namespace, 'link', 'set', 'lo', 'up');
    lan.plug(this, 'eth0', 10 + i);
  }

  ip(...args: string[]): string {
    return ip('-n', this.namespace, ...args);
  }

  /** Brings an interface up with an address. */
  up(name = 'eth0', address = this.address): void {
    this.ip('link', 'set', name, 'up');
    this.ip('addr', 'replace', `${address}/24`, 'brd', '+', 'dev', name);
  }

  down(name = 'eth0'): void {
    this.ip('link', 'set', name, 'down');
  }

  /** Runs a command to its end and answers what it wrote. */
  exec(command: string, ...args: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.namespace, command, ...args], {
      encoding: 'utf8',
      timeout: 20_000,
    });
  }

  spawn(command: string, args: string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    const all = ['netns', 'exec', this.namespace, command, ...args];
    return spawn('ip', all, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  }

  /** Runs a program of test/lan/programs with this configuration. */
  async run(program: string, configuration: object): Promise<RunningProgram> {
    const file = await bundled(program);
    return new RunningProgram(this.spawn(process.execPath, [file, JSON.stringify(configuration)]));
  }

  /** nft rules of this host, as text. */
  async firewall(rules: string): Promise<void> {
    const nft = this.spawn('nft', ['-f', '-']);
    nft.stdin?.end(rules);
    const [code] = await once(nft, 'exit');
    if (code !== 0) throw new Error(`nft refused: ${rules}`);
  }
}

const namespaces = (): string[] =>
  ip('netns', 'list')
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name.startsWith(`${MARK}-`));

function removeNamespace(name: string): void {
  for (const pid of ip('netns', 'pids', name).split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended by itself meanwhile.
    }
  }
  ip('netns', 'del', name);
}

/** A run that was killed has left its namespaces; its process id is in their names. */
function removeLeftOvers(): void {
  for (const name of namespaces()) {
    const pid = Number(name.split('-')[1]);
    if (pid !== process.pid && !isAlive(pid)) removeNamespace(name);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
