import { html, nothing, type TemplateResult } from 'lit';
import { msg } from '../msg.ts';
import { styled } from '../parts/styled.ts';
import { type Area, type EndLabels, placeLabels, xOf, yOf } from './layout.ts';
import { type Line, lastPoint, type Stretch, valueAt } from './line.ts';
import type { Mark } from './marks.ts';
import { cursorTime } from './options.ts';
import type { Stroke } from './palette.ts';
import { formatQuantity, type Quantity } from './quantity.ts';
import { stretchAt } from './summary.ts';

/** A value that matters, drawn across the chart. */
export interface Limit {
  value: number;
  text: string;
  level: 'warning' | 'critical';
}

/** A stretch of time that is spoken of: an alert from its begin to its end. */
export interface Span {
  from: number;
  to: number;
  level: 'warning' | 'critical';
}

interface Overlay {
  late: readonly Stretch[];
  gaps: readonly Stretch[];
  limits: readonly Limit[];
  spans: readonly Span[];
  markers: readonly Mark[];
  brush: { from: number; to: number } | undefined;
  /** Moment of the cursor. */
  at: number | undefined;
}

const px = (value: number): string => `${value}px`;
const isInside = ({ from, to }: Area, at: number): boolean => at >= from && at <= to;

/** What is shorter than this would not be seen. */
const LEAST_WIDTH_PX = 2;

function box(area: Area, { from, to }: { from: number; to: number }): Record<string, string> {
  const left = Math.max(area.left, xOf(area, from));
  const right = Math.min(area.left + area.width, xOf(area, to));
  return {
    left: px(left),
    width: px(Math.max(LEAST_WIDTH_PX, right - left)),
    top: px(area.top),
    height: px(area.height),
  };
}

const uprightAt = (area: Area, x: number) => ({ left: px(x), top: px(area.top), height: px(area.height) });
const upright = (area: Area, at: number) => uprightAt(area, xOf(area, at));

/** Everything that lies over the canvas: hatching, limits, markers, the brush and the cursor. */
export function overlay(area: Area, { late, gaps, limits, spans, markers, brush, at }: Overlay): TemplateResult {
  const shown = limits.filter(({ value }) => value <= area.axis.max && value >= area.axis.min);
  const across = (value: number) => ({ top: px(yOf(area, value)), left: px(area.left), width: px(area.width) });
  const seen = lateIn(late, area);
  const spoken = spans.filter(({ from, to }) => to > area.from && from < area.to);
  return html`${spoken.map((span) => html`<i class="span ${span.level}" ${styled(box(area, span))}></i>`)}
    ${seen.map((stretch) => html`<i class="late" ${styled(box(area, stretch))}></i>`)}
    ${shown.map(({ value, level, text }) => html`<i class="limit ${level}" title=${text} ${styled(across(value))}></i>`)}
    ${markers.map(({ x, href, text }) =>
      href === undefined
        ? html`<i class="marker plain" title=${text} ${styled(uprightAt(area, x))}></i>`
        : html`<i class="marker" ${styled(uprightAt(area, x))}></i>`,
    )}
    ${brush ? html`<i class="brush" ${styled(box(area, brush))}></i>` : nothing}
    ${at === undefined || !isInside(area, at) ? nothing : cursorLine(area, at, [...gaps, ...seen])}`;
}

/** Those that are in sight. */
export const lateIn = (late: readonly Stretch[], { from, to }: { from: number; to: number }): readonly Stretch[] =>
  late.filter((stretch) => stretch.to > from && stretch.from < to);

/** Says what the hatching means, where there is some. */
export const lateNote = (late: readonly Stretch[], area: { from: number; to: number }): Drawn =>
  lateIn(late, area).length === 0
    ? nothing
    : html`<p class="late-note" title=${msg('The agent had no connection and sent these values afterwards')}>
        <i class="late"></i>${msg('filled in later')}
      </p>`;

function cursorLine(area: Area, at: number, told: readonly Stretch[]): TemplateResult {
  const x = xOf(area, at);
  const stretch = stretchAt(told, at);
  const isRight = x > area.left + area.width * 0.6;
  return html`<i class="cursor" ${styled(upright(area, at))}></i>
    <span class="moment ${isRight ? 'is-right' : ''}" ${styled({ left: px(x) })}
      >${cursorTime(at, area.to - area.from)}${stretch ? ` · ${stretch.reason}` : ''}</span
    >`;
}

interface Labels {
  lines: readonly Line[];
  strokes: readonly Stroke[];
  quantity: Quantity;
  isStacked: boolean;
  ends: EndLabels;
  at: number | undefined;
}

type Drawn = TemplateResult | typeof nothing;

/** A last value that is further back than this share of the window is not "now" any more. */
const PAST_SHARE = 0.05;

/** A pointer further from any point than this says nothing about it. */
const REACH_PX = 12;

/** Name, dash and value of each line, at its end or below: its last value, or the one at the cursor. */
export function labels(area: Area, drawn: Labels): { ends: Drawn; legend: Drawn } {
  const { lines, ends, at } = drawn;
  const pointed = at !== undefined && isInside(area, at) ? at : undefined;
  const withinMs = ((area.to - area.from) / area.width) * REACH_PX;
  const last = lines.map((line) => lastPoint(line));
  const values =
    pointed === undefined ? last.map((point) => point?.value) : lines.map((line) => valueAt(line, pointed, withinMs));
  const texts = values.map((value) => formatQuantity(value, drawn.quantity));
  // The name of an only line stands above the chart already.
  const isAlone = lines.length === 1;
  return {
    ends: ends === 'none' ? nothing : endList(area, drawn, { texts, last, hasNames: ends === 'full' && !isAlone }),
    legend: ends === 'full' || (isAlone && ends === 'value') ? nothing : legend(drawn, ends === 'none' ? texts : []),
  };
}

interface Texts {
  texts: readonly string[];
  last: readonly ({ at: number; value: number } | undefined)[];
  hasNames: boolean;
}

function endList(area: Area, { lines, strokes, isStacked }: Labels, { texts, last, hasNames }: Texts): TemplateResult {
  let below = 0;
  const wanted = last.map((point) => {
    const value = point?.value ?? area.axis.min;
    below += value;
    return yOf(area, isStacked ? below : value);
  });
  const places = placeLabels(wanted, area);
  return html`<ul class="ends" aria-hidden="true" ${styled({ left: px(area.left + area.width + 4) })}>
    ${lines.map(
      (line, index) => html`<li
        class=${isPast(area, last[index]?.at) ? 'is-past' : ''}
        title=${endTitle(area, line, last[index]?.at)}
        ${styled({ top: px((places[index] ?? 0) - 8) })}
      >
        ${hasNames ? html`${dashSample(strokes[index])}<span class="name">${line.label}</span>` : nothing}
        <span class="value">${texts[index]}</span>
      </li>`,
    )}
  </ul>`;
}

const isPast = ({ from, to }: Area, at = to): boolean => to - at > (to - from) * PAST_SHARE;

const endTitle = (area: Area, { label }: Line, at: number | undefined): string =>
  at !== undefined && isPast(area, at)
    ? msg('{label}, last value {time}', { label, time: cursorTime(at, area.to - area.from) })
    : label;

const legend = ({ lines, strokes }: Labels, texts: readonly string[]): TemplateResult => html`<ul
  class="legend ${texts.length > 0 ? 'has-values' : ''}"
  aria-hidden="true"
>
  ${lines.map(
    (line, index) => html`<li title=${line.label}>
      ${dashSample(strokes[index])}<span class="name">${line.label}</span>
      ${texts[index] === undefined ? nothing : html`<span class="value">${texts[index]}</span>`}
    </li>`,
  )}
</ul>`;

const dashSample = (stroke: Stroke | undefined): TemplateResult => html`<svg viewBox="0 0 20 8" width="20" height="8">
  <line
    x1="0"
    y1="4"
    x2="20"
    y2="4"
    stroke=${stroke?.colour ?? nothing}
    stroke-width="2"
    stroke-dasharray=${stroke?.dash.join(' ') || nothing}
  ></line>
</svg>`;
