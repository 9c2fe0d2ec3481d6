import type { Put } from '../collectors/collector.ts';
import { Rate } from '../rate.ts';

/** Counters of one interface since it came up. */
export interface InterfaceCounters {
  name: string;
  receivedBytes: number;
  receiveErrors: number;
  receiveDrops: number;
  sentBytes: number;
  sendErrors: number;
  sendDrops: number;
}

/** What it carried, bytes a second; undefined where nothing is known yet. */
export interface Carried {
  received: number | undefined;
  sent: number | undefined;
}

const whole = (value: number | undefined) => (value === undefined ? undefined : Math.round(value));
const rounded = (value: number | undefined) => (value === undefined ? undefined : Math.round(value * 1e3) / 1e3);

/** The rates of one interface since the last call. */
export class InterfaceRates {
  readonly #name: string;
  readonly #rates = [new Rate(), new Rate(), new Rate(), new Rate(), new Rate(), new Rate()] as const;

  constructor(name: string) {
    this.#name = name;
  }

  put(put: Put, now: InterfaceCounters, mono: number): Carried {
    const [receivedBytes, sentBytes, receiveErrors, sendErrors, receiveDrops, sendDrops] = this.#rates;
    const name = this.#name;
    const received = whole(receivedBytes.next(now.receivedBytes, mono));
    const sent = whole(sentBytes.next(now.sentBytes, mono));
    put('system.network.io.rate', received, name, 'receive');
    put('system.network.io.rate', sent, name, 'transmit');
    put('system.network.errors.rate', rounded(receiveErrors.next(now.receiveErrors, mono)), name, 'receive');
    put('system.network.errors.rate', rounded(sendErrors.next(now.sendErrors, mono)), name, 'transmit');
    put('system.network.packet.dropped.rate', rounded(receiveDrops.next(now.receiveDrops, mono)), name, 'receive');
    put('system.network.packet.dropped.rate', rounded(sendDrops.next(now.sendDrops, mono)), name, 'transmit');
    return { received, sent };
  }
}

/** What all of these carry together. */
export function putTotals(put: Put, all: readonly Carried[]): void {
  put('system.network.receive.rate', sum(all.map(({ received }) => received)));
  put('system.network.transmit.rate', sum(all.map(({ sent }) => sent)));
}

/** undefined when nothing is known yet; an interface that has just come, or whose counter was reset, is left out. */
function sum(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? known.reduce((total, value) => total + value, 0) : undefined;
}
