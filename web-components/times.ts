import { NBSP } from './format.ts';
import { language, msg } from './msg.ts';

const two = (value: number): string => String(value).padStart(2, '0');

/** `14:32:05`, local time. */
export function clockTime(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `14:32`, local time. */
export const minuteTime = (at: number): string => clockTime(at).slice(0, 5);

/** `2026-11-21`, local time. */
export function dayText(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** `2026-11-21 14:32:05`, local time: the exact form of every relative one. */
export const exactTime = (at: number): string => `${dayText(at)} ${clockTime(at)}`;

/** `21 Nov`, in the words of the language in use. */
export const shortDay = (at: number): string =>
  new Intl.DateTimeFormat(language(), { day: 'numeric', month: 'short' }).format(at);

const STEPS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/** A span in its largest whole unit, rounded down: `42 d`, `3 min`, `12 s`. Negative spans count as none. */
export function formatSpan(spanMs: number): string {
  for (const [unit, size] of STEPS) {
    if (spanMs >= size) return `${Math.floor(spanMs / size)}${NBSP}${unit}`;
  }
  return `0${NBSP}s`;
}

/** A span in full, in whole units: `1 h 30 min`, `90 s` as `1 min 30 s`; `0 s`. `parseSpan` reads it. */
export function spanText(spanMs: number): string {
  const words: string[] = [];
  let rest = Math.round(spanMs / 1_000) * 1_000;
  for (const [unit, size] of STEPS) {
    const many = Math.floor(rest / size);
    rest -= many * size;
    if (many > 0) words.push(`${many}${NBSP}${unit}`);
  }
  return words.length > 0 ? words.join(' ') : `0${NBSP}s`;
}

const UNITS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, min: 60_000, m: 60_000, s: 1_000 };

/** Milliseconds of a span as people write it: `5 min`, `1 h 30 min`, `90s`, `1.5 h`, a lone number as minutes; undefined for what is none. */
export function parseSpan(text: string): number | undefined {
  const written = text.trim().toLowerCase().replace(/,/g, '.');
  if (/^\d+(?:\.\d+)?$/.test(written)) return Math.round(Number(written) * 60_000);
  const parts = [...written.matchAll(/(\d+(?:\.\d+)?)\s*(d|h|min|m|s)(?![a-z])/g)];
  const isWhole =
    parts.length > 0 &&
    parts
      .map(([part]) => part)
      .join('')
      .replace(/\s/g, '') === written.replace(/\s/g, '');
  if (!isWhole) return undefined;
  return Math.round(parts.reduce((sum, [, many = '0', unit = '']) => sum + Number(many) * (UNITS[unit] ?? 0), 0));
}

/** `↑ 42 d`: since when a host is up. */
export const formatUptime = (uptimeMs: number): string => `↑ ${formatSpan(uptimeMs)}`;

/** `12 s ago`, `3 min ago`, `in 2 h`; `now` within two seconds. */
export function relativeTime(at: number, now: number): string {
  const spanMs = now - at;
  if (Math.abs(spanMs) < 2_000) return msg('now');
  return spanMs > 0 ? msg('{span} ago', { span: formatSpan(spanMs) }) : msg('in {span}', { span: formatSpan(-spanMs) });
}

/** `14:05` left, never negative. */
export function countdown(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1_000));
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
}

/** The clock alone for a moment of today, with the day otherwise: `14:32:00`, `2026-11-20 14:32:00`. */
export const sinceText = (at: number, now: number): string =>
  dayText(at) === dayText(now) ? clockTime(at) : exactTime(at);
