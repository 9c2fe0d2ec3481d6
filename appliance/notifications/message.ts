export type Severity = 'critical' | 'high' | 'medium' | 'low';

/** A short labelled value: `Last seen`, `Used`, `Threshold`. */
export interface Fact {
  name: string;
  value: string;
}

/** The series behind a message, of which a chart is drawn when it is sent. */
export interface ChartSubject {
  hostId: string;
  metric: string;
  attributes: Readonly<Record<string, string>>;
  unit?: string;
  threshold?: number;
  /** When the condition began, and the moment of the message. */
  sinceAt: number;
  at: number;
  /** It moves over days. */
  isSlow: boolean;
}

/** One thing to tell a person, ready in words; every channel puts it into its own form. Plain text throughout, nothing is markup. */
export interface Message {
  /** One for each transition; every try and every channel of it carries the same, so that a far end can drop a repeat. */
  id: string;
  /** `resolved` says that something is over, `info` that something was done. */
  state: 'firing' | 'resolved' | 'info';
  severity: Severity;
  site: string;
  /** Display name of the host that it is about. */
  host?: string;
  /** What is so, in one line: `nas01 is offline`. */
  title: string;
  /** What happened and since when, in a sentence or two. */
  text: string;
  at: number;
  /** IANA zone in which people read times. */
  timeZone: string;
  facts: readonly Fact[];
  causes: readonly string[];
  suggestion?: string;
  /** State of the action that is waiting, running or done: `Restart nginx: waiting for approval`. */
  action?: string;
  /** Page of the dashboard that shows it. */
  link?: string;
  /** What its chart is to show; far ends do not get it. */
  chartOf?: ChartSubject;
  /** The chart, and what it shows in words. */
  chart?: { png: Uint8Array; alt: string };
}

/** Time for people, in their zone: `2026-11-21 14:32:05 CET`. */
export function timeText(at: number, timeZone: string): string {
  const part = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat('sv-SE', { timeZone, ...options }).format(at);
  const zone = new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'short' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value;
  return `${part({ dateStyle: 'short' })} ${part({ timeStyle: 'medium' })} ${zone ?? timeZone}`;
}

/** The labelled lines of a message in the one order that every channel keeps. */
export function factsOf(message: Message): Fact[] {
  const { host, site, severity, at, timeZone, facts } = message;
  return [
    ...(host === undefined ? [] : [{ name: 'Host', value: host }]),
    { name: 'Site', value: site },
    { name: 'Severity', value: severity },
    { name: 'Time', value: timeText(at, timeZone) },
    ...facts,
  ].map(({ name, value }) => ({ name: oneLine(name), value: oneLine(value) }));
}

/** The whole message as plain text, for mails, logs and channels without markup. */
export function plainText(message: Message): string {
  const { text, causes, suggestion, action, link } = message;
  const parts = [
    text,
    factsOf(message)
      .map(({ name, value }) => `${name}: ${value}`)
      .join('\n'),
    causes.length > 0 ? `Likely causes:\n${causes.map((cause) => `- ${cause}`).join('\n')}` : '',
    suggestion ? `What to do: ${suggestion}` : '',
    action ? `Action: ${action}` : '',
    link ?? '',
  ];
  return parts.filter(Boolean).join('\n\n');
}

/** The same without the link, for far ends that take it apart. */
export function textWithoutLink({ link: _elsewhere, ...rest }: Message): string {
  return plainText(rest);
}

/** At most `most` characters (whole code points), with an ellipsis where something was left out. */
export function clipped(text: string, most: number): string {
  if (text.length <= most) return text;
  const points = Array.from(text.slice(0, 2 * most + 2)); // A code point has two units at most.
  return points.length <= most ? text : `${points.slice(0, most - 1).join('')}…`;
}

/** One line: what would break a header, a subject or a list entry becomes a space. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();

/** Words and colours of the four severities; what is over is green, whatever it was. */
export const COLOURS = {
  critical: '#ef4444',
  high: '#f97316',
  medium: '#eab308',
  low: '#3b82f6',
  over: '#22c55e',
} as const;

export const colourOf = ({ state, severity }: Message): string =>
  state === 'resolved' ? COLOURS.over : COLOURS[severity];

/** The line above everything: state in words, since a colour alone says nothing to some people. */
export const headline = ({ state, severity, title }: Message): string =>
  oneLine(`${state === 'resolved' ? 'Resolved' : state === 'info' ? 'Note' : capital(severity)}: ${title}`);

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
