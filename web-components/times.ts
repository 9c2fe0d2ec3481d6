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
