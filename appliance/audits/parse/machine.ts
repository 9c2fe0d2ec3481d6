import type { Disk, Facts, System } from '../facts.ts';

type Lines = readonly string[];

const number = (text: string | undefined): number | undefined => {
  const value = Number(text);
  return text !== undefined && text !== '' && Number.isFinite(value) ? value : undefined;
};

/** `uname` in parts, id of the user, epoch seconds, then uptime and load of Linux or of BSD. */
export function system([kernelName, kernel, machine, hostName, uid, seconds, up, load]: Lines): System | undefined {
  const at = number(seconds);
  if (kernelName === undefined || hostName === undefined || at === undefined) return undefined;
  const bootSeconds = number(/sec = (\d+)/.exec(up ?? '')?.[1]);
  const upSeconds = bootSeconds === undefined ? number(up?.split(' ')[0]) : at - bootSeconds;
  const loads = (load ?? '').replace(/[{}]/g, '').trim().split(/\s+/).slice(0, 3).map(Number);
  return {
    ...{ kernelName, kernel: kernel ?? '', machine: machine ?? '', hostName, isRoot: uid === '0', at: at * 1_000 },
    ...(upSeconds !== undefined && { upSeconds }),
    ...(loads.length === 3 && loads.every(Number.isFinite) && { load: loads }),
  };
}

/** `KEY=value` with or without quotes, and `Key: value` of macOS. */
export function pairs(lines: Lines): Record<string, string> {
  const found: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const match = /^\s*([\w.-]+)\s*[=:]\s*["']?(.*?)["']?\s*;?$/.exec(line);
    if (match?.[1] !== undefined && found[match[1]] === undefined) found[match[1]] = match[2] ?? '';
  }
  return found;
}

export function os(lines: Lines): Facts['os'] {
  const said = pairs(lines);
  const name = said.PRETTY_NAME || said.ProductName || said.NAME;
  if (!name) return undefined;
  return {
    id: said.ID ?? name.toLowerCase().split(' ')[0] ?? '',
    name: said.ProductName && said.ProductVersion ? `${said.ProductName} ${said.ProductVersion}` : name,
    version: said.VERSION_ID ?? said.ProductVersion ?? '',
    codename: said.VERSION_CODENAME ?? '',
  };
}

/** `uniq -c` of lines of /proc/cpuinfo, or three lines of sysctl. */
export function cpu(lines: Lines): Facts['cpu'] {
  const counted = lines.map((line) => /^\s*(\d+)\s+([^:]+?)\s*:\s*(.*)$/.exec(line));
  const models = counted.filter((match) => /^(?:model name|cpu model|Model|Hardware)$/.test(match?.[2] ?? ''));
  const cores = counted.filter((match) => match?.[2] === 'processor').length;
  if (counted.some(Boolean)) return { model: models[0]?.[3] ?? '', cores: Math.max(1, cores) };
  const count = number(lines[0]);
  return count === undefined ? undefined : { model: lines[1] ?? '', cores: count };
}

export function memory(lines: Lines): Facts['memory'] {
  const bytes = number(/^bytes (\d+)/.exec(lines[0] ?? '')?.[1]);
  if (bytes !== undefined) return { totalBytes: bytes };
  const kilobytes = (name: string): number | undefined => {
    const line = lines.find((each) => each.startsWith(`${name}:`));
    const value = number(/(\d+) kB/.exec(line ?? '')?.[1]);
    return value === undefined ? undefined : value * 1_024;
  };
  const totalBytes = kilobytes('MemTotal');
  if (totalBytes === undefined) return undefined;
  const availableBytes = kilobytes('MemAvailable');
  const swapBytes = kilobytes('SwapTotal');
  return {
    totalBytes,
    ...(availableBytes !== undefined && { availableBytes }),
    ...(swapBytes !== undefined && { swapBytes }),
  };
}

export function hardware(lines: Lines): Facts['hardware'] {
  const said = pairs(lines);
  const parts = {
    ...(said.sys_vendor && { vendor: said.sys_vendor }),
    ...((said.model || said.product_name) && { model: said.model || said.product_name || '' }),
    ...(said.bios_version && { bios: said.bios_version }),
    ...(said.virtual && said.virtual !== 'none' && { virtual: said.virtual }),
  };
  return Object.keys(parts).length > 0 ? parts : undefined;
}

/** Not disks, but windows into memory, images and other people's file systems. */
const UNREAL = /^(?:tmpfs|devtmpfs|udev|none|shm|overlay|proc|sysfs|cgroup|efivarfs|devfs|map |\/dev\/loop)/;

/** `df -Pk`; a mount point may hold spaces, so that it is the rest of the line. */
export function disks(lines: Lines, inodeLines: Lines = [], mountLines: Lines = []): Disk[] {
  const inodes = new Map(rows(inodeLines).map(({ mount, share }) => [mount, share]));
  const mounts = new Map(
    mountLines.map((line) => {
      const [, mount = '', type = '', options = ''] = line.split(' ');
      return [mount.replaceAll('\\040', ' '), { type, isReadOnly: options.split(',').includes('ro') }];
    }),
  );
  return rows(lines)
    .filter(({ device, size }) => size > 0 && !UNREAL.test(device))
    .map(({ device, size, used, free, share, mount }) => {
      const inodesUsed = inodes.get(mount);
      return {
        ...{
          device,
          mount,
          sizeBytes: size * 1_024,
          usedBytes: used * 1_024,
          freeBytes: free * 1_024,
          used: share ?? 0,
        },
        ...(inodesUsed !== undefined && { inodesUsed }),
        ...mounts.get(mount),
      };
    });
}

function rows(lines: Lines) {
  return lines.flatMap((line) => {
    const match = /^(.+?)\s+(\d+)\s+(-?\d+)\s+(-?\d+)\s+(\d+%|-)\s+(\/.*)$/.exec(line);
    if (!match) return [];
    const [, device = '', size, used, free, share = '', mount = ''] = match;
    const percent = number(share.replace('%', ''));
    return [
      {
        ...{ device, mount, size: Number(size), used: Number(used), free: Number(free) },
        share: percent === undefined ? undefined : percent / 100,
      },
    ];
  });
}

export function blocks(lines: Lines): Facts['blocks'] {
  return lines.flatMap((line) => {
    const said = Object.fromEntries([...line.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
    if (said.TYPE !== 'disk' || !said.NAME) return [];
    const sizeBytes = number(said.SIZE) ?? 0;
    return [{ name: said.NAME, model: (said.MODEL ?? '').trim(), sizeBytes, isRotating: said.ROTA === '1' }];
  });
}

/** `disk /dev/sda`, then what smartctl says of it. */
export function smart(lines: Lines): NonNullable<Facts['smart']> {
  const disksFound: { disk: string; lines: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith('disk ')) disksFound.push({ disk: line.slice(5), lines: [] });
    else disksFound.at(-1)?.lines.push(line.trim());
  }
  return disksFound;
}

export function cpuBugs(lines: Lines): Record<string, string> {
  return pairs(lines);
}
