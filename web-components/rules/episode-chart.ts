import { html, LitElement, nothing } from 'lit';
import { columnAt, decodeHistory, HISTORY_BYTES } from '../charts/history-bytes.ts';
import type { Line } from '../charts/line.ts';
import type { Limit } from '../charts/overlay.ts';
import { quantityOf } from '../charts/quantity.ts';
import '../charts/time-chart.ts';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import { failureNotice } from '../parts/notice.ts';
import { base } from '../parts/styles.ts';
import { callBytes } from '../rest.ts';
import { type Episode, isSeriesOf, stretchOf } from './episodes.ts';

/** What a chart of an episode needs to know of its rule. */
export interface EpisodeView {
  episode: Episode;
  metric: string;
  /** End of the preview: an episode that goes on is drawn up to there. */
  to: number;
  /** How long the rule waits. */
  spanMs: number;
  limits: readonly Limit[];
}

const POINTS = 300;

/** `<reeve-episode-chart .view=${view}>`: the values around one time in which a rule would have fired, with its levels. */
export class ReeveEpisodeChart extends LitElement {
  static override properties = { view: { attribute: false }, _line: { state: true }, _failure: { state: true } };
  declare view: EpisodeView | undefined;
  declare _line: Line | undefined;
  declare _failure: unknown;
  #asked: AbortController | undefined;
  #shown = '';

  static override styles = [base];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#asked?.abort();
    this.#shown = '';
  }

  override updated(): void {
    const { episode, metric } = this.view ?? {};
    const wanted = JSON.stringify([episode, metric]);
    if (!this.view || wanted === this.#shown) return;
    this.#shown = wanted;
    void this.#load(this.view);
  }

  async #load({ episode, metric, to, spanMs }: EpisodeView): Promise<void> {
    this.#asked?.abort();
    const asked = new AbortController();
    this.#asked = asked;
    this._failure = undefined;
    const stretch = stretchOf(episode, to, spanMs);
    const query = {
      ...{ hosts: episode.hostId, metrics: metric, maxPoints: POINTS },
      ...{ from: Math.round(stretch.from), to: Math.round(stretch.to) },
    };
    try {
      const answer = decodeHistory(
        await callBytes('GET /api/v1/history', HISTORY_BYTES, { query, signal: asked.signal }),
      );
      const series = answer.series.find((each) => isSeriesOf(each, episode, metric));
      const values = Array.from(series?.numbers[columnAt(answer, 'average')] ?? []);
      this._line = {
        id: 'episode',
        label: [episode.hostName, ...Object.values(episode.attributes)].join(' '),
        at: values.map((_, step) => answer.first + step * answer.stepMs),
        average: values.map((value) => (Number.isNaN(value) ? null : value)),
      };
    } catch (error) {
      if (!asked.signal.aborted) this._failure = error;
    }
  }

  override render() {
    const { view, _line: line } = this;
    if (!view) return nothing;
    if (this._failure)
      return failureNotice(msg('These values could not be read'), this._failure, {
        again: () => void this.#load(view),
      });
    const described = live().descriptors.get(view.metric);
    if (!line || !described)
      return html`<reeve-notice kind="loading" heading=${msg('Loading the values')}></reeve-notice>`;
    const { episode } = view;
    const { from, to } = stretchOf(episode, view.to, view.spanMs);
    const marks = [
      { at: episode.firedAt, text: msg('would have fired') },
      ...(episode.resolvedAt === undefined ? [] : [{ at: episode.resolvedAt, text: msg('would have ended') }]),
    ];
    return html`<reeve-time-chart
      heading=${`${described.title}, ${line.label}`}
      .lines=${[line]}
      .quantity=${quantityOf(described)}
      .from=${from}
      .to=${to}
      .limits=${view.limits}
      .markers=${marks}
    ></reeve-time-chart>`;
  }
}
customElements.define('reeve-episode-chart', ReeveEpisodeChart);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-episode-chart': ReeveEpisodeChart;
  }
}
