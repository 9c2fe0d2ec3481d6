import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { z } from 'zod';
import type { machineAnswer } from '../../../protocol/routes/machine.ts';
import { makeDirectory, removeDirectory } from '../../helpers/directories.ts';
import { type Owner, signIn } from '../../helpers/owner.ts';
import { freePort } from '../../helpers/ports.ts';
import { until } from '../../helpers/until.ts';
import { TestLan } from '../../lan/harness/namespaces.ts';
import { diskOf, putOnDisk, setBootVariables } from './disk.ts';
import { Machine } from './machine.ts';

type Told = z.output<typeof machineAnswer>;

/** What the machine is called to on the LAN. */
export const LAN_ADDRESS = '10.0.3.50';

/** One appliance and what happens to it: the same disk in one machine after the other, on a LAN with one more host. */
export class Story {
  readonly lan = new TestLan({ hosts: 1, network: '10.0.3' });
  readonly folder = makeDirectory('reeve-machine-');
  readonly disk: string;
  machine!: Machine;
  owner!: Owner;
  readonly #startedAt = performance.now();

  constructor() {
    this.disk = diskOf(inject('built').raw, join(this.folder, 'disk.raw'));
    this.#giveOutAddress();
  }

  /** The host of the LAN gives the machine its address, as a router does. It ends with the LAN. */
  #giveOutAddress(): void {
    const [settings, leases] = ['udhcpd.conf', 'leases'].map((name) => join(this.folder, name)) as [string, string];
    writeFileSync(leases, '');
    writeFileSync(
      settings,
      `start ${LAN_ADDRESS}\nend ${LAN_ADDRESS}\ninterface eth0\nlease_file ${leases}\noption subnet 255.255.255.0\n`,
    );
    this.lan.host(1).spawn('busybox', ['udhcpd', '-f', settings]);
  }

  /** A line of progress: how far it is, and after how long. */
  tell(what: string): void {
    process.stderr.write(`  ${((performance.now() - this.#startedAt) / 1_000).toFixed(0).padStart(4)} s  ${what}\n`);
  }

  /** Switches the machine on; answers where its console was, for `says`. */
  async start(): Promise<number> {
    const from = this.machine?.console().length ?? 0;
    this.machine = new Machine({ disk: this.disk, folder: this.folder, port: await freePort(), lan: this.lan });
    await this.machine.plug();
    this.tell('power on');
    return from;
  }

  /** Pulls the plug. */
  async cut(): Promise<void> {
    await this.machine.cut();
    this.tell('power cut');
  }

  /** Lays files onto the disk while it is off. */
  lay(files: Record<string, string | Buffer>): void {
    for (const [to, content] of Object.entries(files)) {
      const file = join(this.folder, 'laid');
      writeFileSync(file, content);
      putOnDisk(this.disk, file, to);
    }
  }

  setBootVariables(changed: Record<string, string>): void {
    setBootVariables(this.disk, changed);
  }

  /** Waits until a start that began behind `from` was found good, in this version, and signs in. */
  async isGood(version: string, from: number): Promise<void> {
    await this.machine.healthy(version);
    const [said] = await this.machine.says(/slot [AB] is good.*/, from);
    this.tell(`${version}: ${said}`);
  }

  /** Signs in. The machine may be starting anew just then, for the update that it was doing. */
  async signIn(): Promise<void> {
    const tries = { timeoutMs: 180_000, everyMs: 1_000, what: 'the owner is signed in' };
    this.owner = await until(() => signIn({ httpUrl: this.machine.url }), tries);
  }

  /** Asks the appliance as its owner; what it refuses is thrown. */
  async must(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.owner.request(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Runs a line on the machine, from the host of the LAN, with this key; what it wrote, or why nobody was let in. */
  async ssh(key: string, line: string): Promise<string> {
    const trusting = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'BatchMode=yes', 'LogLevel=ERROR'];
    const options = [...trusting, 'IdentitiesOnly=yes', 'ConnectTimeout=10'].flatMap((option) => ['-o', option]);
    const ssh = this.lan.host(1).spawn('ssh', ['-i', key, ...options, `reeve-admin@${LAN_ADDRESS}`, line]);
    let said = '';
    for (const stream of [ssh.stdout, ssh.stderr]) stream?.on('data', (piece) => (said += piece));
    await once(ssh, 'close');
    return said;
  }

  /** What the appliance says of its machine. */
  told = async (): Promise<Told> => (await this.must('GET', '/api/v1/machine')) as Told;

  /** Asks the appliance for something that starts the machine anew; answers where its console was. */
  async order(name: 'restart' | 'factory-reset', body?: unknown): Promise<number> {
    const from = this.machine.console().length;
    await this.must('POST', `/api/v1/machine/${name}`, body);
    this.tell(`asked for ${name}`);
    return from;
  }

  /** Sends an update as the dashboard does; answers where the console was when the last piece was sent. */
  async send(bundle: string): Promise<number> {
    const path = '/api/v1/machine/update/uploads';
    const { uploadId, pieceBytes } = (await this.must('POST', path)) as { uploadId: string; pieceBytes: number };
    const handle = await open(bundle);
    try {
      const { size } = await handle.stat();
      let from = 0;
      for (let offset = 0; offset < size; offset += pieceBytes) {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(pieceBytes), 0, pieceBytes, offset);
        const last = offset + bytesRead === size;
        if (last) from = this.machine.console().length;
        const response = await fetch(`${this.machine.url}${path}/${uploadId}?offset=${offset}&last=${last}`, {
          method: 'PUT',
          headers: { cookie: this.owner.cookie, 'content-type': 'application/octet-stream' },
          body: buffer.subarray(0, bytesRead),
        });
        if (!response.ok) throw new Error(`a piece of the update: ${response.status} ${await response.text()}`);
      }
      this.tell(`sent an update of ${(size / 1e6).toFixed(0)} MB`);
      return from;
    } finally {
      await handle.close();
    }
  }

  async end(): Promise<void> {
    await this.machine?.cut();
    this.lan.close();
    removeDirectory(this.folder);
  }
}
