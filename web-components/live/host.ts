import type { HostState, LiveFrame, LiveSeries } from '../../protocol/live.ts';
import type { Connection } from './connection.ts';
import { Observable } from './observable.ts';
import { Ring } from './ring.ts';

/** Twenty minutes at the watch rate of one sample a second: longer than a chart goes without reading history again. */
const RING_POINTS = 1_200;

/** Well within the appliance's lease of 15 s. */
export const RENEW_MS = 10_000;

/** What tells whether the page is seen; `document` in the browser. */
export interface Visibility {
  readonly hidden: boolean;
  addEventListener(type: 'visibilitychange', listener: () => void): void;
  removeEventListener(type: 'visibilitychange', listener: () => void): void;
}

/**
 * The live series of one host. Watched from its first listener to its last, while the page is seen: the lease is renewed every
 * ten seconds, asked again at once after a reconnect, and given back when the page is hidden.
 */
export class HostStore extends Observable {
  readonly hostId: string;
  readonly #connection: Connection;
  readonly #visibility: Visibility;
  readonly #series = new Map<number, LiveSeries>();
  readonly #rings = new Map<number, Ring>();
  #release: (() => void)[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;
  #isLoaded = false;
  #lateCount = 0;
  #failure: Error | undefined;
  #lastAt: number | undefined;

  constructor(hostId: string, connection: Connection, visibility: Visibility) {
    super();
    this.hostId = hostId;
    this.#connection = connection;
    this.#visibility = visibility;
  }

  /** The appliance has said which series there are. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  get series(): readonly LiveSeries[] {
    return [...this.#series.values()];
  }

  /** Moment of the newest frame. */
  get lastAt(): number | undefined {
    return this.#lastAt;
  }

  /** Grows when back-filled frames came: history that was read before lacks them. */
  get lateCount(): number {
    return this.#lateCount;
  }

  ring(seriesId: number): Ring | undefined {
    return this.#rings.get(seriesId);
  }

  protected override began(): void {
    const onVisible = () => this.#seen();
    this.#visibility.addEventListener('visibilitychange', onVisible);
    this.#release = [
      () => this.#visibility.removeEventListener('visibilitychange', onVisible),
      this.#connection.on('frame', (frame) => this.#take(frame)),
      this.#connection.on('series', (message) => {
        if (message.hostId === this.hostId) this.#learn(message.series);
      }),
      this.#connection.onConnect(() => void this.#watch()),
    ];
    this.#timer = setInterval(() => void this.#watch(), RENEW_MS);
  }

  protected override ended(): void {
    clearInterval(this.#timer);
    for (const release of this.#release) release();
    this.#release = [];
    this.#unwatch();
  }

  #seen(): void {
    if (this.#visibility.hidden) this.#unwatch();
    else void this.#watch();
  }

  async #watch(): Promise<void> {
    if (this.#visibility.hidden || !this.#connection.isConnected) return;
    try {
      this.#begin(await this.#connection.ask('watch', { hostId: this.hostId }));
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.changed();
    }
  }

  #unwatch(): void {
    if (this.#connection.isConnected) {
      this.#connection.ask('unwatch', { hostId: this.hostId }).catch(() => undefined);
    }
  }

  #begin({ series, frame }: HostState): void {
    const wasLoaded = this.#isLoaded;
    this.#failure = undefined;
    this.#isLoaded = true;
    this.#learn(series);
    if (frame) this.#take(frame);
    else if (!wasLoaded) this.changed();
  }

  #learn(series: LiveSeries[]): void {
    const before = this.#series.size;
    for (const each of series) {
      this.#series.set(each.id, each);
      if (!this.#rings.has(each.id)) this.#rings.set(each.id, new Ring(RING_POINTS));
    }
    if (this.#series.size !== before) this.changed();
  }

  #take(frame: LiveFrame): void {
    if (frame.hostId !== this.hostId) return;
    for (let i = 0; i + 1 < frame.values.length; i += 2) {
      this.#rings.get(frame.values[i] ?? -1)?.add(frame.at, frame.values[i + 1] ?? null);
    }
    if (frame.late) this.#lateCount += 1;
    else this.#lastAt = Math.max(this.#lastAt ?? 0, frame.at);
    this.changed();
  }
}
