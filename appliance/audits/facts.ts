/** What an audit knows of a host. A part that is absent could not be read; an empty list was read and is empty. */
export interface Facts {
  system?: System;
  os?: { id: string; name: string; version: string; codename: string };
  hardware?: { vendor?: string; model?: string; bios?: string; virtual?: string };
  cpu?: { model: string; cores: number };
  memory?: { totalBytes: number; availableBytes?: number; swapBytes?: number };
  disks?: Disk[];
  blocks?: { name: string; model: string; sizeBytes: number; isRotating: boolean }[];
  addresses?: { name: string; address: string }[];
  routes?: string[];
  resolvers?: string[];
  ports?: Port[];
  processes?: Process[];
  users?: User[];
  groups?: { name: string; members: string[] }[];
  /** By user. */
  passwords?: Record<string, 'strong' | 'empty' | 'locked' | 'md5' | 'des'>;
  sudo?: string[];
  keys?: AuthorizedKey[];
  sshd?: Sshd;
  packages?: { manager: string; items: { name: string; version: string }[] };
  updates?: Updates;
  /** Whether updates of security are installed by themselves. */
  unattended?: boolean;
  reboot?: { isRequired: boolean; packages: string[]; kernels: string[] };
  services?: { manager: string; items: { name: string; state: string }[] };
  timers?: string[];
  firewall?: { isReadable: boolean; rules: number; isActive: boolean; what: string };
  sysctl?: Record<string, string>;
  time?: { isSynchronised: boolean | undefined; by: string };
  containers?: Containers;
  files?: { path: string; mode: string; uid: number; gid: number }[];
  logins?: { failed?: number; last: string[] };
  logging?: { daemons: string[]; isPersistent: boolean };
  cpuBugs?: Record<string, string>;
  smart?: { disk: string; lines: string[] }[];
}

export interface System {
  kernelName: string;
  kernel: string;
  machine: string;
  hostName: string;
  isRoot: boolean;
  /** Clock of the host, epoch ms. */
  at: number;
  upSeconds?: number;
  load?: number[];
}

export interface Disk {
  device: string;
  mount: string;
  sizeBytes: number;
  usedBytes: number;
  freeBytes: number;
  /** 0–1, as df counts it: of what users may have. */
  used: number;
  inodesUsed?: number;
  type?: string;
  isReadOnly?: boolean;
}

export interface Port {
  protocol: 'tcp' | 'udp';
  address: string;
  port: number;
  process?: string;
}

export interface Process {
  pid: number;
  user: string;
  command: string;
  cpu?: number;
  memory?: number;
  elapsed?: string;
}

export interface User {
  name: string;
  uid: number;
  gid: number;
  home: string;
  shell: string;
}

export interface AuthorizedKey {
  user: string;
  type: string;
  /** `SHA256:…` */
  sha256: string;
  bits?: number;
  comment: string;
  options: string;
}

export interface Sshd {
  /** `effective`: as the server works; `configured`: as the files say, without what applies to matches; `dropbear`. */
  source: 'effective' | 'configured' | 'dropbear';
  /** Keywords in lower case; the first value counts, as for the server. */
  values: Record<string, string>;
  version?: string;
}

export interface Updates {
  manager: string;
  items: { name: string; version: string; isSecurity: boolean }[];
  /** When the lists of packages were last fetched, epoch ms. */
  listsAt?: number;
  /** There are no lists at all. */
  hasNoLists?: boolean;
}

export interface Containers {
  sockets: { path: string; mode: string }[];
  items: { name: string; image: string; ports: string; status: string }[];
  details: { name: string; isPrivileged: boolean; network: string; mounts: string[] }[];
}
