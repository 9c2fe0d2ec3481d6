import type { Descriptor } from '../../protocol/metrics.ts';
import type { Change } from './engine/judge.ts';
import type { Check, Entry, Subject } from './judging/checks.ts';
import { inWords, showValue } from './words.ts';

/** What is known of a metric, to write its values. */
export type Described = Pick<Descriptor, 'title' | 'unit' | 'kind'> | undefined;

/** Writes a value of a metric; that of a state is a plain number. */
export const showOf =
  (described: Described) =>
  (value: number): string =>
    showValue(value, described?.kind === 'state' ? '' : described?.unit);

/** A subject in words: `File system use /data`, the name of a host, a fact. */
function nameOf(subject: Subject, described: Described, note: string | undefined): string {
  if (subject.kind === 'fact') return note ?? `${subject.fact.kind} ${subject.fact.key}`;
  if (subject.kind === 'host') return 'Host';
  const values = Object.values(subject.attributes).join(' ');
  return [described?.title ?? subject.metric, values].filter((word) => word !== '').join(' ');
}

export interface Told {
  entry: Entry;
  change: Change;
  described: Described;
  /** Why the host is silent, as its status says. */
  status: string | undefined;
}

/** What is wrong, in one line. */
export function titleOf({ entry, change, described }: Told): string {
  const name = nameOf(entry.subject, described, entry.note);
  const { input } = entry.check;
  if (input === 'facts') return name;
  if (input === 'silence') return 'Offline';
  if (input === 'trend') return `${name}: ${entry.note ?? 'reaches its limit soon'}`;
  return `${name} ${showOf(described)(Number.isNaN(change.value) ? change.mean : change.value)}`;
}

/** Why it fired, with the values. */
export function reasonOf(told: Told): string {
  const { entry, change, described, status } = told;
  const { check } = entry;
  const says = check.opened.says(showOf(described));
  if (check.input === 'facts') return check.fields.forMs > 0 ? `wrong for ${inWords(change.knownMs)}` : 'found wrong';
  if (check.input === 'silence') return `Nothing was heard for ${inWords(change.value)}. ${status ?? ''}`.trim();
  if (check.input === 'trend') return `${says}: ${entry.note ?? ''}`;
  return sustained(check, change, { says, show: showOf(described) });
}

function sustained(
  { fields: { forMs } }: Check,
  { value, mean, brokenMs, knownMs }: Change,
  { says, show }: { says: string; show: (value: number) => string },
): string {
  if (forMs === 0) return `${show(value)}, ${says}`;
  const whole = brokenMs >= knownMs ? inWords(knownMs) : `${inWords(brokenMs)} of ${inWords(knownMs)}`;
  return `${says} for ${whole}, ${show(mean)} on average`;
}

/** What happened later, for the record of an alert. */
export function changeText(told: Told): string {
  const { entry, change, described } = told;
  const show = showOf(described);
  const value = Number.isNaN(change.value) ? '' : ` (${show(change.value)})`;
  const isHost = entry.check.input === 'silence';
  switch (change.kind) {
    case 'resolved':
      if (isHost) return 'It reports again';
      return entry.check.input === 'values' ? `Clear again${value}` : 'No longer so';
    case 'flapping':
      return 'It changes so often that changes are held back until it settles';
    case 'settled':
      return 'It has settled: it is still so';
    case 'stale':
      return 'Its values have stopped: nobody knows whether it is still so';
    case 'fresh':
      return `Its values are back, it is still so${value}`;
    default:
      return reasonOf(told);
  }
}
