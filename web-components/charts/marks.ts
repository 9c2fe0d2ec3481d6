import { html, nothing, type TemplateResult } from 'lit';
import { msg } from '../msg.ts';
import { LEVELS, type Level } from '../parts/levels.ts';
import '../parts/state-icon.ts';
import { styled } from '../parts/styled.ts';
import { type Area, xOf } from './layout.ts';

/** A mark on the time axis: an alert, a change, a restart. */
export interface Marker {
  at: number;
  text: string;
  /** Shape and colour; a plain mark without it. */
  level?: Level;
  /** Where a click leads; a mark without it is only seen. */
  href?: string;
  /** Where it leads when several stand so close that they are one. */
  listHref?: string;
}

/** Several markers in one place. */
export interface Mark extends Marker {
  x: number;
  count: number;
}

/** Closer than this, two marks would cover each other. */
const LEAST_APART_PX = 14;

/** The markers in sight, oldest first, those that would cover each other as one that has the worst shape of them. */
export function marksOf(area: Area, markers: readonly Marker[]): Mark[] {
  const found: Mark[] = [];
  for (const marker of [...markers].sort((a, b) => a.at - b.at)) {
    if (marker.at < area.from || marker.at > area.to) continue;
    const x = xOf(area, marker.at);
    const before = found.at(-1);
    if (before && x - before.x < LEAST_APART_PX) found[found.length - 1] = together(before, marker);
    else found.push({ ...marker, x, count: 1 });
  }
  return found;
}

/** The place is that of the first; the words are those of the worst. */
function together(mark: Mark, marker: Marker): Mark {
  const rank = ({ level }: Marker) => LEVELS.indexOf(level ?? 'unknown');
  const worst = rank(marker) < rank(mark) ? marker : mark;
  const href = marker.listHref ?? mark.listHref ?? worst.href;
  return {
    ...mark,
    text: worst.text,
    ...(worst.level !== undefined && { level: worst.level }),
    ...(href !== undefined && { href }),
    count: mark.count + 1,
  };
}

/** Icons of the marks above the plot, each a link that says which it is; one place for the Tab key, arrow keys between them. */
export function markLinks(
  area: Area,
  marks: readonly Mark[],
  onKey: (event: KeyboardEvent) => void,
): TemplateResult | typeof nothing {
  const links = marks.filter(({ href }) => href !== undefined);
  if (links.length === 0) return nothing;
  return html`<div class="marks" role="group" aria-label=${msg('Marks on this chart')} @keydown=${onKey}>
    ${links.map(({ x, text, level = 'unknown', href = '', count }, index) => {
      const says = count === 1 ? text : msg('{text}, and {count} more', { text, count: count - 1 });
      const isRight = x > area.left + area.width * 0.6;
      return html`<a href=${href} aria-label=${says} tabindex=${index === links.length - 1 ? 0 : -1} ${styled({ left: `${x}px` })}
        ><reeve-state level=${level} quiet aria-hidden="true"></reeve-state
        ><span class="tip ${isRight ? 'is-right' : ''}" aria-hidden="true">${says}</span></a
      >`;
    })}
  </div>`;
}

/** Left and right go from mark to mark. */
export function walkMarks(event: KeyboardEvent): void {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const links = [...(event.currentTarget as HTMLElement).querySelectorAll('a')];
  const at = links.indexOf(event.target as HTMLAnchorElement);
  const next = step === undefined || at < 0 ? undefined : links[at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
