import { setTimeout as pause } from 'node:timers/promises';
import { INTERVAL_MS } from '../../protocol/limits.ts';
import type { Collector } from '../collectors/collector.ts';
import { type AgentLog, Once } from '../log.ts';
import type { RunningAgent } from '../main.ts';
import { Monitor, type MonitorOptions } from '../monitor.ts';
import type { FrameClock } from '../sender.ts';
import type { DeclaredSeries } from '../series.ts';
import { SPOOL_BYTES, spoolFolder } from '../spool/folder.ts';
import type { SpooledStream } from '../spool/spooled-stream.ts';
import { lockState } from '../state-lock.ts';
import { Broker, BrokerError } from './broker.ts';
import { messagesOf } from './message.ts';
import { clientIdOf, type MqttSettings } from './settings.ts';

export interface PublishOptions {
  mqtt: MqttSettings;
  stateDir: string;
  log: AgentLog;
  intervalMs?: number;
  collectors?: readonly Collector[];
  /** Of each collector id, from the agent's own file. */
  settings?: Readonly<Record<string, unknown>>;
  /** Room for frames on disk, 64 MB by default; 0 = they are kept in memory only. */
  spoolBytes?: number;
  /** A frame was read: for what is looked at now and then, without a timer that would wake the machine. */
  onFrame?: () => void;
  /** When frames go to disk, and how long to wait before another try; for tests that cannot wait. */
  spool?: MonitorOptions['spool'];
  retryMs?: { least: number; most: number };
}

const RETRY_MS = { least: 1_000, most: 30_000 } as const;
/** What a person has to mend is tried rarely. */
const LASTING_MS = 60_000;
const PER_TURN = { frames: 20, numbers: 10_000 } as const;

/** What a stream's frames mean. */
interface Meaning {
  outbox: SpooledStream;
  seriesOf: (ix: number) => DeclaredSeries | undefined;
  clock: FrameClock;
}

/**
 * Reads this machine and publishes to a broker, in the place of an appliance, until `stop`. A frame is forgotten when the broker has
 * acknowledged all of its messages; what waits longer is on disk. Throws `StateBusy` when another agent uses the state folder.
 */
export async function startPublishing(options: PublishOptions): Promise<RunningAgent> {
  const release = lockState(options.stateDir);
  const publisher = new Publisher(options);
  publisher.start();
  // Nothing that a broker does is a reason to end.
  return { failed: new Promise(() => undefined), stop: () => publisher.stop().finally(release) };
}

class Publisher {
  readonly #options: PublishOptions;
  readonly #monitor: Monitor;
  readonly #stopped = new AbortController();
  readonly #news = new Once();
  #broker: Broker | undefined;
  #running: Promise<void> | undefined;
  #failures = 0;
  #wake: () => void = () => undefined;
  /** Highest of the current stream that was sent over an earlier connection. */
  readonly #sent = new Map<string, number>();

  constructor(options: PublishOptions) {
    this.#options = options;
    const { log, intervalMs = INTERVAL_MS.default, collectors, settings, spool } = options;
    this.#monitor = new Monitor({
      log,
      intervalMs,
      ...(collectors && { collectors }),
      ...(settings && { settings }),
      ...(spool && { spool }),
      onFrame: () => {
        this.#wake();
        options.onFrame?.();
      },
      onWatch: () => undefined,
      onClockSet: () => undefined,
    });
  }

  start(): void {
    const { stateDir, mqtt, spoolBytes: mostBytes = SPOOL_BYTES } = this.#options;
    this.#monitor.spool.open({ dir: spoolFolder(stateDir), mostBytes, owner: `mqtt ${mqtt.site}/${mqtt.agent}` });
    this.#monitor.start();
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#monitor.stop();
    this.#broker?.close();
    this.#wake();
    await this.#running;
    await this.#monitor.spool.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    const { log, mqtt, retryMs: { least, most } = RETRY_MS } = this.#options;
    while (!signal.aborted) {
      const error = await this.#once().catch((failed: unknown) => failed);
      if (signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#news.isNews('failure', reason)) log.warn({ url: mqtt.url, reason }, 'not connected to the broker');
      const isLasting = error instanceof BrokerError && error.isLasting;
      const ms = isLasting ? LASTING_MS : Math.min(most, least * 2 ** Math.min(10, this.#failures++));
      // Spread, so that a whole fleet does not come back in one moment.
      await pause(ms * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    }
  }

  /** One connection from beginning to end; answers why it ended, or throws why there was none. */
  async #once(): Promise<unknown> {
    const { mqtt, log } = this.#options;
    const broker = await Broker.connect(mqtt, clientIdOf(mqtt));
    this.#broker = broker;
    if (this.#stopped.signal.aborted) broker.close();
    log.info({ url: mqtt.url }, 'connected to the broker');
    this.#failures = 0;
    this.#news.settle('failure');
    // What was not acknowledged is rejected with the reason for which the connection ended.
    await this.#deliver(broker).catch(() => undefined);
    broker.close();
    return broker.closed;
  }

  /** What earlier runs have left, oldest first, then what is read now; ends with the connection. */
  async #deliver(broker: Broker): Promise<void> {
    const { spool, series, clock } = this.#monitor;
    for (const stream of [...spool.closed]) {
      const all = new Map(stream.series.since(0).map((each) => [each.ix, each]));
      await this.#drain(broker, { outbox: stream.outbox, clock: stream.clock, seriesOf: (ix) => all.get(ix) });
      spool.forget(stream);
      this.#sent.delete(stream.outbox.stream);
    }
    const all: DeclaredSeries[] = [];
    const seriesOf = (ix: number) => {
      if (ix >= all.length) all.push(...series.since(all.length));
      return all[ix];
    };
    // One listener for the whole connection: one for each frame would never be let go.
    void broker.closed.then(() => this.#wake());
    for (let isFirst = true; broker.isOpen; isFirst = false) {
      const kicked = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await this.#drain(broker, { outbox: spool.current, clock, seriesOf }, isFirst);
      if (broker.isOpen) await kicked;
    }
  }

  async #drain(broker: Broker, meaning: Meaning, isFirst = true): Promise<void> {
    const { outbox } = meaning;
    const { stream } = outbox;
    if (isFirst) outbox.resume({ stream, ackedSeq: outbox.confirmedSeq });
    for (let next = outbox.next(PER_TURN); next; next = outbox.next(PER_TURN)) {
      if (next.kind === 'skip') {
        this.#options.log.warn({ ...next.skip }, 'frames are lost on this machine');
        outbox.confirm({ stream, ackedSeq: next.skip.toSeq });
        continue;
      }
      for (const frame of next.frames) {
        const messages = messagesOf(frame, {
          settings: this.#options.mqtt,
          seriesOf: meaning.seriesOf,
          offsetMs: meaning.clock.offsetFor(frame),
        });
        const isAgain = frame.seq <= (this.#sent.get(stream) ?? 0);
        this.#sent.set(stream, Math.max(frame.seq, this.#sent.get(stream) ?? 0));
        await Promise.all(messages.map(({ topic, payload }) => broker.publish(topic, payload, { isAgain })));
        outbox.confirm({ stream, ackedSeq: frame.seq });
      }
    }
  }
}
