import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeDirectory, removeDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';
import type { TestHost } from './namespaces.ts';

const run = promisify(execFile);

const configurationOf = (hostName: string) => `[server]
host-name=${hostName}
use-ipv4=yes
use-ipv6=no
allow-interfaces=eth0
enable-dbus=yes
[publish]
publish-hinfo=no
publish-workstation=no
`;

/** What `avahi-browse -rp` says of one resolved service. */
export interface Resolved {
  name: string;
  type: string;
  hostName: string;
  address: string;
  port: number;
  txt: string;
}

/** Why avahi-daemon cannot run here, or nothing: without root only one user exists, and it wants a directory of its own user's. */
export function whyNoAvahi(): string | undefined {
  const users = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/).at(-1);
  return users === '1' ? 'avahi-daemon needs root' : undefined;
}

/** A real avahi-daemon with a bus of its own on one host of the test LAN: the foreign client, and neighbour on port 5353. */
export class Avahi {
  readonly #directory = makeDirectory('reeve-avahi-');
  readonly #daemon: ChildProcess;
  readonly #publishers: ChildProcess[] = [];
  #pid = 0;
  #said = '';

  private constructor(host: TestHost, hostName: string) {
    const configuration = join(this.#directory, 'avahi.conf');
    writeFileSync(configuration, configurationOf(hostName));
    const pidFile = join(this.#directory, 'pid');
    // The bus is found under /run, which is hidden here so that it is a bus of its own.
    const script = `mount -t tmpfs tmpfs /run && mkdir -p /run/dbus /run/avahi-daemon && chown avahi:avahi /run/avahi-daemon
dbus-daemon --system --fork && echo $$ > ${pidFile}
exec avahi-daemon --no-rlimits --no-drop-root --no-chroot -f ${configuration} --debug`;
    this.#daemon = host.spawn('unshare', ['-m', 'bash', '-c', script]);
    for (const stream of [this.#daemon.stdout, this.#daemon.stderr]) {
      stream?.on('data', (data) => {
        this.#said += data;
      });
    }
  }

  /** Starts it and waits until it has established its host name. */
  static async start(host: TestHost, hostName = 'foreign'): Promise<Avahi> {
    const avahi = new Avahi(host, hostName);
    await until(
      () => {
        avahi.#pid = Number(readFileSync(join(avahi.#directory, 'pid'), 'utf8'));
        return avahi.#said.includes('Server startup complete');
      },
      { timeoutMs: 15_000, what: 'avahi-daemon has started' },
    ).catch((error) => {
      avahi.stop();
      throw new Error(`${error.message}\n${avahi.#said}`);
    });
    return avahi;
  }

  /** Everything of a type that it resolves now. */
  async browse(type: string): Promise<Resolved[]> {
    const { stdout } = await run('nsenter', this.#inside('avahi-browse', '-rpt', type), { timeout: 20_000 });
    return stdout
      .split('\n')
      .filter((line) => line.startsWith('='))
      .map((line) => {
        const [, , , name = '', kind = '', , hostName = '', address = '', port = '', ...txt] = line.split(';');
        return { name: unescaped(name), type: kind, hostName, address, port: Number(port), txt: txt.join(';') };
      });
  }

  /** IPv4 address of a name of the LAN, or nothing. */
  async address(name: string): Promise<string | undefined> {
    const { stdout } = await run('nsenter', this.#inside('avahi-resolve', '-4', '-n', name), { timeout: 20_000 });
    return stdout.trim().split(/\s+/)[1];
  }

  /** Publishes a service until `stop`; answers when it is established. */
  async publish(
    name: string,
    { type, port, txt }: { type: string; port: number; txt: string[] },
  ): Promise<ChildProcess> {
    const publisher = spawn('nsenter', this.#inside('avahi-publish', '-s', name, type, String(port), ...txt));
    this.#publishers.push(publisher);
    let said = '';
    publisher.stderr?.on('data', (data) => {
      said += data;
    });
    await until(() => said.includes('Established'), { what: `avahi-publish has established ${name}` });
    return publisher;
  }

  stop(): void {
    for (const publisher of this.#publishers) publisher.kill('SIGKILL');
    this.#daemon.kill('SIGKILL');
    removeDirectory(this.#directory);
  }

  #inside(...command: string[]): string[] {
    return ['-t', String(this.#pid), '-m', '-n', ...command];
  }
}

/** avahi-browse writes odd bytes of a name as `\032`, in decimal. */
const unescaped = (name: string): string => name.replace(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number(code)));
