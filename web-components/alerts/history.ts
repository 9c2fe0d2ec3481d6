import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { AlertHead } from '../../protocol/live.ts';
import { live } from '../live/live.ts';
import { call } from '../rest.ts';
import { type AlertFilter, fits, queryOf } from './filter.ts';

const PAGE = 50;
/** Typing is over when nothing came for so long. */
const PAUSE_MS = 250;

/** Alerts of the past by the filter, page by page, the newest kept up to date by what is told live. */
export class AlertHistory implements ReactiveController {
  items: readonly AlertHead[] | undefined;
  failure: unknown;
  isBusy = false;
  #next: string | undefined;
  #filter: AlertFilter | undefined;
  #asked = 0;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #stop: (() => void) | undefined;
  readonly #host: ReactiveControllerHost;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    this.#stop = live().alerts.onTold(({ alert }) => this.#hear(alert));
  }

  hostDisconnected(): void {
    this.#stop?.();
    clearTimeout(this.#pause);
    this.#filter = undefined;
  }

  get hasMore(): boolean {
    return this.#next !== undefined;
  }

  /** Shows what fits a filter; what is asked for already is not asked again. */
  show(filter: AlertFilter): void {
    const before = this.#filter;
    if (before && JSON.stringify(before) === JSON.stringify(filter)) return;
    this.#filter = filter;
    clearTimeout(this.#pause);
    if (before === undefined || before.text === filter.text) void this.load();
    else this.#pause = setTimeout(() => void this.load(), PAUSE_MS);
  }

  /** Reads the first page again. */
  async load(): Promise<void> {
    await this.#read(undefined);
  }

  async more(): Promise<void> {
    if (this.#next !== undefined) await this.#read(this.#next);
  }

  async #read(cursor: string | undefined): Promise<void> {
    const filter = this.#filter;
    if (!filter) return;
    this.#asked += 1;
    const asked = this.#asked;
    this.isBusy = true;
    this.#host.requestUpdate();
    try {
      const query = { ...queryOf(filter, live().fleet.now()), limit: PAGE, ...(cursor !== undefined && { cursor }) };
      const { items, next } = await call('GET /api/v1/alerts', { query });
      if (asked !== this.#asked) return;
      this.items = cursor === undefined ? items : [...(this.items ?? []), ...items];
      this.#next = next;
      this.failure = undefined;
    } catch (error) {
      if (asked !== this.#asked) return;
      this.failure = error;
    }
    this.isBusy = false;
    this.#host.requestUpdate();
  }

  #hear(alert: AlertHead): void {
    if (!this.items || !this.#filter) return;
    const others = this.items.filter(({ id }) => id !== alert.id);
    const at = this.items.findIndex(({ id }) => id === alert.id);
    const isFit = fits(alert, this.#filter, live().fleet.now());
    if (at < 0 && !isFit) return;
    this.items = isFit ? others.toSpliced(at < 0 ? 0 : at, 0, alert) : others;
    this.#host.requestUpdate();
  }
}
