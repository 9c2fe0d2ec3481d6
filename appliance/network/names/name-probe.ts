import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as pause } from 'node:timers/promises';
import type { NameSource } from '../../../protocol/network.ts';
import type { SweepLink } from '../sweep/result.ts';

/** What one way of asking found of an address. Anybody on the LAN may claim anything: it is checked for form, and never believed. */
export interface Found {
  name?: string;
  services?: string[];
  model?: string;
}

export interface Asking {
  /** The interface that leads to them; absent behind a router, where only unicast goes. */
  link: SweepLink | undefined;
  signal: AbortSignal;
}

/** One way of asking devices for their names: one file in this folder, listed in `index.ts`. */
export interface NameProbe {
  id: NameSource;
  title: string;
  /** Answers within about two seconds, of some of the addresses. */
  ask(ips: readonly string[], asking: Asking): Promise<Map<string, Found>>;
}

const LONGEST = 120;

/** A text of the LAN as it may be stored and shown: no control characters, no bidi marks, short; undefined when nothing is left. */
export function cleanText(text: string, longest = LONGEST): string | undefined {
  const clean = text
    .slice(0, longest * 4)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029\ufffd]/gu, '')
    .trim()
    .slice(0, longest);
  return clean === '' ? undefined : clean;
}

export interface Question {
  packet: Buffer;
  to: string;
  port: number;
}

export interface Exchange {
  /** Address of the interface to send from; any where absent. */
  from?: string | undefined;
  questions: readonly Question[];
  waitMs: number;
  signal: AbortSignal;
  onAnswer: (packet: Buffer, from: string) => void;
}

/** Answers beyond these are no honest ones. */
const MOST_ANSWERS = 4_096;
const STEP = 64;
const STEP_MS = 30;

/** Sends questions by UDP and hears answers for a while; one that throws is dropped. Fails only where no socket can be had. */
export async function exchange({ from, questions, waitMs, signal, onAnswer }: Exchange): Promise<void> {
  const socket = createSocket('udp4');
  let answers = 0;
  socket.on('message', (packet, { address }) => {
    if (++answers > MOST_ANSWERS) return;
    try {
      onAnswer(packet, address);
    } catch {
      // Not a packet of this kind: whoever sent it is as if silent.
    }
  });
  try {
    await bound(socket, from);
    for (const [n, { packet, to, port }] of questions.entries()) {
      socket.send(packet, port, to, () => undefined);
      if (n % STEP === STEP - 1) await pause(STEP_MS, undefined, { signal });
    }
    await pause(waitMs, undefined, { signal });
  } finally {
    socket.close();
  }
}

function bound(socket: Socket, from: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ port: 0, exclusive: true, ...(from !== undefined && { address: from }) }, () => {
      socket.off('error', reject);
      socket.on('error', () => undefined);
      if (from !== undefined) socket.setMulticastInterface(from);
      resolve();
    });
  });
}
