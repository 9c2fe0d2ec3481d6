import type { ImageNetwork, ImageState, ImageUpdate } from '../../../protocol/machine.ts';
import type { ConsoleFacts } from '../../console-file.ts';
import { type QrLines, qrLines } from './qr.ts';

/** All that the screen shows. */
export interface Shown {
  /** Absent while the appliance has not started. */
  facts?: ConsoleFacts | undefined;
  /** It answered the last time that it was asked. */
  answers: boolean;
  image?: ImageState | undefined;
  update?: ImageUpdate | undefined;
  network?: ImageNetwork | undefined;
}

export interface Size {
  columns: number;
  rows: number;
}

/** Between the code and the words. */
const GAP = 2;
/** Words beside the code need so much. */
const LEAST_WORDS = 30;

/** The screen of the machine as lines, at most as many and as wide as it has room for. Pure: the same facts, the same lines. */
export function screenLines(shown: Shown, { columns, rows }: Size): string[] {
  const { facts } = shown;
  const foot = facts?.setupUrl != null && shown.answers ? footOf(facts.setupUrl, columns) : [];
  const room = rows - foot.length - 1; // The last line stays empty: a terminal would scroll.
  const target = facts && shown.answers ? (facts.setupUrl ?? facts.url) : undefined;
  const isWide = columns >= LEAST_WORDS + GAP + 21;
  const code = target && isWide ? qrLines(target, { columns: columns - LEAST_WORDS - GAP, rows: room }) : undefined;
  const words = wordsOf(shown, code ? columns - code.width - GAP : columns);
  return [...beside(code, words).slice(0, room), ...foot];
}

/** The link in full, as one piece that can be copied from a serial console. */
const footOf = (url: string, columns: number): string[] => ['', ...wrapped(url, columns)];

function beside(code: QrLines | undefined, words: readonly string[]): string[] {
  if (!code) return [...words];
  const count = Math.max(code.lines.length, words.length);
  return Array.from({ length: count }, (_, n) =>
    `${code.lines[n] ?? ' '.repeat(code.width)}${' '.repeat(GAP)}${words[n] ?? ''}`.trimEnd(),
  );
}

function wordsOf(shown: Shown, width: number): string[] {
  const { facts, image } = shown;
  const version = facts?.version ?? image?.version;
  const slot = image ? `, slot ${image.slot}` : '';
  const head = version === undefined ? 'Reeve' : `Reeve ${version}${slot}`;
  const parts = [[head], stateOf(shown), placesOf(shown), systemOf(shown)].filter(({ length }) => length > 0);
  return parts.flatMap((part, n) => [...(n > 0 ? [''] : []), ...part.flatMap((line) => wrapped(line, width))]);
}

function stateOf({ facts, answers }: Shown): string[] {
  if (!facts) return ['Starts. This takes a minute after an update.'];
  if (!answers)
    return ['Does not answer. It is started anew by itself; if this stays for 5 minutes, restart the machine.'];
  if (facts.setupUrl !== null)
    return [
      'It has no owner yet.',
      'Scan the code with a phone, or open the link below in a browser: it holds the set-up code.',
    ];
  const { hosts, alerts } = facts;
  const open = (['critical', 'high', 'medium', 'low'] as const).flatMap((each) =>
    alerts[each] > 0 ? [`${alerts[each]} ${each === 'medium' ? 'warning' : each}`] : [],
  );
  const away = hosts.offline > 0 ? `, ${hosts.offline} offline` : '';
  return [
    `Hosts:  ${hosts.online} of ${hosts.all} online${away}`,
    `Alerts: ${open.length > 0 ? open.join(', ') : 'none'}`,
  ];
}

function placesOf({ facts, network }: Shown): string[] {
  if (!facts) return [];
  const port = facts.httpPort === 80 ? '' : `:${facts.httpPort}`;
  const addresses = (network?.addresses ?? []).filter((address) => !/^fe80:/i.test(address));
  const others = addresses.slice(0, 4).map((each) => `http://${each.includes(':') ? `[${each}]` : each}${port}`);
  const named = facts.localName === null ? [] : [`http://${facts.localName}${port}`];
  const all = [...new Set([...named, facts.url, ...others])];
  const wanted = network ? `${network.hostname}.local` : 'reeve.local';
  const isOther = facts.localName !== null && facts.localName !== wanted;
  return [
    'Dashboard:',
    ...all.map((each) => `  ${each}`),
    ...(isOther ? [`Another machine on this LAN has the name ${wanted}.`] : []),
    ...(addresses.length === 0 && network ? ['No address yet: is the network cable plugged in?'] : []),
  ];
}

function systemOf({ image, update }: Shown): string[] {
  const lines: string[] = [];
  if (image?.returnedFrom) lines.push(`Went back to ${image.version}: ${image.returnedFrom} did not become healthy.`);
  if (!update || update.state === 'idle') return lines;
  const what = update.version === null ? 'Update' : `Update to ${update.version}`;
  const share = ` ${Math.floor(update.done * 100)} %`;
  const said = {
    checking: 'is checked',
    writing: `is written${share}`,
    restarting: 'is written: the machine restarts',
    refused: `was refused: ${update.reason ?? 'no reason was given'}`,
  }[update.state];
  return [...lines, `${what} ${said}`];
}

/** Broken at blanks, and inside a word that is longer than a line. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  const indent = /^ */.exec(text)?.[0] ?? '';
  let rest = text;
  while (rest.length > width) {
    const at = rest.lastIndexOf(' ', width);
    const cut = at > indent.length ? at : width;
    lines.push(rest.slice(0, cut));
    rest = `${indent}${rest.slice(cut).trimStart()}`;
  }
  return [...lines, rest];
}
