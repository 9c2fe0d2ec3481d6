import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';

/** A machine of its own as far as the network goes: a namespace with one cable to this one. */
export interface SeparateHost {
  /** Address of the host; not a loopback address, so a browser treats plain HTTP to it as insecure, as on a real LAN. */
  readonly address: string;
  /** Put before a command line, it runs on the host. */
  readonly within: readonly string[];
  close(): void;
}

const ip = (...parameters: string[]): void =>
  void execFileSync('ip', parameters, { stdio: ['ignore', 'ignore', 'pipe'] });

/** Makes the namespace; needs root and iproute2. The network is 10.213.x.0/30, x by chance, so that two runs do not meet. */
export function openSeparateHost(): SeparateHost {
  const net = randomInt(1, 250);
  const name = `reeve-e2e-${process.pid}-${net}`;
  const [here, there] = [`rv${net}a${process.pid % 10_000}`, `rv${net}b${process.pid % 10_000}`];
  const address = `10.213.${net}.2`;
  ip('netns', 'add', name);
  try {
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name);
    ip('address', 'add', `10.213.${net}.1/30`, 'dev', here);
    // Without an address of its own making: one that comes seconds later makes Chromium drop what it is loading.
    ip('link', 'set', here, 'addrgenmode', 'none');
    ip('-n', name, 'link', 'set', there, 'addrgenmode', 'none');
    ip('link', 'set', here, 'up');
    ip('-n', name, 'address', 'add', `${address}/30`, 'dev', there);
    ip('-n', name, 'link', 'set', there, 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
  } catch (error) {
    ip('netns', 'delete', name);
    throw error;
  }
  return { address, within: ['ip', 'netns', 'exec', name], close: () => ip('netns', 'delete', name) };
}
