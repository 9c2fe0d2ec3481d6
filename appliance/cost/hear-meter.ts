import mqttClient from 'mqtt';
import { z } from 'zod';
import { type MeterReading, SourceError } from './source.ts';

const MOST_BYTES = 16_384;
const RECONNECT_MS = 10_000;

const PATTERN = /^[^#+\p{Cc}]+$/u;

/** Fields of every meter that speaks through an MQTT broker. */
export const brokerFields = {
  url: z
    .url({ protocol: /^mqtts?$/, message: 'give an address that begins with mqtt:// or mqtts://' })
    .max(2_000, 'use at most 2000 characters')
    .meta({ title: 'Broker', description: 'Such as mqtt://192.168.1.5', order: 1 }),
  userName: z.string().max(200).exactOptional().meta({ title: 'User name', order: 10 }),
  password: z.string().min(1).max(1_000).exactOptional().meta({ title: 'Password', secret: true, order: 11 }),
  ca: z
    .string()
    .max(20_000)
    .regex(/^\s*-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/, 'paste a certificate in PEM form')
    .exactOptional()
    .meta({ title: 'CA of the broker', widget: 'lines', description: 'Only for a certificate of its own.', order: 31 }),
};

/** A topic without wildcards: a host has one meter. */
export const topicField = z
  .string()
  .min(1)
  .max(200, 'use at most 200 characters')
  .regex(PATTERN, 'leave out #, + and control characters');

export interface Subscription {
  url: string;
  userName?: string | undefined;
  password?: string | undefined;
  ca?: string | undefined;
  /** Topics with what a message of each says; undefined passes it over. */
  topics: Readonly<Record<string, (text: string) => MeterReading | undefined>>;
  /** Topic and payload to ask for a reading now. */
  ask?: { topic: string; payload: string; everyMs: number };
}

/** Listens at a broker until the answer is called; connects anew by itself. What is malformed or too long is told and passed over. */
export function hearTopics(
  { url, userName, password, ca, topics, ask }: Subscription,
  take: (reading: MeterReading) => void,
  failed: (error: SourceError) => void,
): () => void {
  const client = mqttClient.connect(url, {
    ...(userName !== undefined && { username: userName }),
    ...(password !== undefined && { password }),
    ...(ca !== undefined && { ca }),
    reconnectPeriod: RECONNECT_MS,
    connectTimeout: 10_000,
    protocolVersion: 4,
  });
  const request = (): void => void (ask && client.connected && client.publish(ask.topic, ask.payload));
  const timer = ask && setInterval(request, ask.everyMs);
  timer?.unref();
  client.on('connect', () => {
    client.subscribe(Object.keys(topics), { qos: 0 }, (error) => {
      if (error) failed(new SourceError('The broker does not let this topic be heard'));
      else request();
    });
  });
  client.on('message', (topic, bytes) => {
    const read = topics[topic];
    if (!read) return;
    if (bytes.length > MOST_BYTES) return failed(new SourceError('A message of the meter is too long'));
    try {
      const reading = read(bytes.toString('utf8'));
      if (reading) take(reading);
    } catch (error) {
      failed(error instanceof SourceError ? error : new SourceError('A message of the meter cannot be read'));
    }
  });
  client.on('error', (error) => failed(refusalOf(error)));
  client.on('offline', () => failed(new SourceError('The broker cannot be reached')));
  return () => {
    clearInterval(timer);
    client.end(true);
  };
}

/** CONNACK codes of MQTT 3.1.1 §3.2.2.3: 4 and 5 are credentials. */
function refusalOf(error: Error & { code?: number | string }): SourceError {
  if (error.code === 4 || error.code === 5) return new SourceError('The broker refuses user name or password');
  if (typeof error.code === 'string' && /CERT|UNABLE_TO/.test(error.code))
    return new SourceError('The certificate of the broker is not trusted: give its CA');
  return new SourceError(`The broker cannot be reached (${error.code ?? 'no reason given'})`);
}

/** A number that a text is, or that lies in its JSON at a path such as `ENERGY.Power` or `emeters.0.power`. Fails with `SourceError`. */
export function numberIn(text: string, path: string | undefined): number {
  const found = path === undefined || path === '' ? text.trim() : valueAt(text, path);
  const value =
    typeof found === 'number' ? found : typeof found === 'string' && found !== '' ? Number(found) : Number.NaN;
  if (!Number.isFinite(value))
    throw new SourceError(
      path ? `The message has no number at ${path}` : 'The message is no number: say where it lies',
    );
  return value;
}

function valueAt(text: string, path: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SourceError('The message is no JSON');
  }
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
