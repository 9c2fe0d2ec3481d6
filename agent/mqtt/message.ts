import type { Frame } from '../../protocol/frames.ts';
import type { DeclaredSeries } from '../series.ts';
import type { MqttSettings } from './settings.ts';

/** What is published of one value. `timestamp` is epoch ms; `dedupe_id` is the same when a message comes again. */
export interface Payload {
  agent_id: string;
  timestamp: number;
  value: number;
  tags?: Record<string, string>;
  dedupe_id: string;
}

export interface Message {
  topic: string;
  payload: string;
}

/** `metrics/{site}/{agent}/{metric}`; a metric of a name from outside stays one level. */
export const topicOf = ({ site, agent }: Pick<MqttSettings, 'site' | 'agent'>, metric: string): string =>
  `metrics/${site}/${agent}/${metric.replace(/[#+/\p{Cc}]/gu, '_')}`;

/** The messages of one frame, one for each value that is a number. */
export function messagesOf(
  { stream, seq, at, values }: Frame,
  {
    settings,
    seriesOf,
    offsetMs,
  }: { settings: MqttSettings; seriesOf: (ix: number) => DeclaredSeries | undefined; offsetMs: number },
): Message[] {
  const messages: Message[] = [];
  for (let i = 0; i + 1 < values.length; i += 2) {
    const [ix, value] = [values[i] ?? -1, values[i + 1]];
    const series = seriesOf(ix);
    if (!series || value === null || value === undefined) continue;
    const { metric, attributes } = series;
    const payload: Payload = {
      agent_id: settings.agent,
      timestamp: Math.round(at + offsetMs),
      value,
      ...(Object.keys(attributes).length > 0 && { tags: attributes }),
      dedupe_id: `${stream}.${seq}.${ix}`,
    };
    messages.push({ topic: topicOf(settings, metric), payload: JSON.stringify(payload) });
  }
  return messages;
}
