import { access, mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';
import { type SshAccess, sshAccess } from '../../protocol/machine.ts';
import type { ORDERS } from '../../protocol/routes/machine.ts';
import { readBounded } from '../system-files.ts';

export type Order = (typeof ORDERS)[number];

const FILES: Readonly<Record<Order, string>> = {
  update: 'update.bundle',
  hostname: 'hostname',
  'factory-reset': 'factory-reset',
  restart: 'restart',
  'power-off': 'power-off',
};
const SSH_FILE = 'ssh.json';
/** Says that the above was written; root takes it away before it reads that. */
const SSH_MARK = 'ssh';
const MOST_BYTES = 128 * 1024;
const OFF: SshAccess = { enabled: false, keys: [] };

/** What the appliance wants of the system of its image: files in a folder that a part of that system watches. */
export class Orders {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** The file of an order. */
  fileOf(order: Order): string {
    return path.join(this.dir, FILES[order]);
  }

  give(order: Exclude<Order, 'update'>, content = ''): Promise<void> {
    return this.#write(FILES[order], `${content}\n`);
  }

  /** Those that lie there and are not taken up. */
  async pending(): Promise<Order[]> {
    const orders = Object.keys(FILES) as Order[];
    const there = await Promise.all(
      orders.map((order) =>
        access(this.fileOf(order)).then(
          () => true,
          () => false,
        ),
      ),
    );
    return orders.filter((_, n) => there[n]);
  }

  /** Off and without keys where nothing was ordered. */
  async ssh(): Promise<SshAccess> {
    const text = await readBounded(path.join(this.dir, SSH_FILE), MOST_BYTES);
    try {
      return (text === undefined ? undefined : sshAccess.safeParse(JSON.parse(text)).data) ?? OFF;
    } catch {
      return OFF;
    }
  }

  async setSsh(wanted: SshAccess): Promise<void> {
    await this.#write(SSH_FILE, `${JSON.stringify(wanted, null, 2)}\n`);
    await this.#write(SSH_MARK, '');
  }

  /** Written beside and renamed: who watches never sees half of it. */
  async #write(name: string, content: string): Promise<void> {
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    const file = path.join(this.dir, name);
    const handle = await open(`${file}~`, 'w', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${file}~`, file);
  }
}
