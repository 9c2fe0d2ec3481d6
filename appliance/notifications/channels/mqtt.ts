import mqttClient from 'mqtt';
import { z } from 'zod';
import { ChannelError, channel } from '../channel.ts';
import { allowPlain, caCertificate, secret } from '../channel-fields.ts';
import type { Message } from '../message.ts';
import { webhookBody } from './webhook.ts';

const brokerAddress = z
  .url({ protocol: /^mqtts?$/, message: 'give an address that begins with mqtts://' })
  .max(2_000, 'use at most 2000 characters');

/** A topic may not hold wildcards or odd characters, whatever a site is called. */
export const topicOf = (template: string, { site, severity }: Message): string =>
  template.replace(/\{(site|severity)\}/g, (_, word: string) =>
    (word === 'site' ? site : severity).replace(/[^\p{L}\p{N}_.-]+/gu, '-'),
  );

export const mqtt = channel({
  id: 'mqtt',
  title: 'MQTT',
  settings: z
    .strictObject({
      url: brokerAddress.meta({ title: 'Broker', order: 1 }),
      topic: z
        .string()
        .min(1)
        .max(200)
        .regex(/^[^#+\p{Cc}]+$/u, 'leave out #, + and control characters')
        .default('reeve/alerts/{site}')
        .meta({ title: 'Topic', order: 2 }),
      userName: z.string().max(200).exactOptional().meta({ title: 'User name', order: 3 }),
      password: secret('Password').exactOptional().meta({ title: 'Password', secret: true, order: 4 }),
      ca: caCertificate.meta({ order: 8 }),
      allowPlain: allowPlain.meta({ order: 9 }),
    })
    .refine(({ url, allowPlain: mayBePlain }) => mayBePlain || url.startsWith('mqtts:'), {
      path: ['url'],
      message: 'use mqtts://, or allow a connection that is not encrypted',
    }),
  open({ url, topic, userName, password, ca }) {
    return {
      async send(message, signal) {
        const client = await connect(
          url,
          {
            ...(userName !== undefined && { username: userName }),
            ...(password !== undefined && { password }),
            ...(ca !== undefined && { ca }),
          },
          signal,
        );
        try {
          // At least once: the broker has it when this resolves; `id` lets the receiver drop a repeat.
          await Promise.race([
            client.publishAsync(topicOf(topic, message), JSON.stringify(webhookBody(message)), { qos: 1 }),
            aborted(signal),
          ]);
          return { answer: 'the broker has acknowledged it' };
        } finally {
          client.end(true);
        }
      },
    };
  },
});

type Client = Awaited<ReturnType<typeof mqttClient.connectAsync>>;

function connect(url: string, options: Parameters<typeof mqttClient.connect>[1], signal: AbortSignal): Promise<Client> {
  const client = mqttClient.connect(url, {
    ...options,
    reconnectPeriod: 0,
    connectTimeout: 10_000,
    protocolVersion: 4,
  });
  return new Promise((resolve, reject) => {
    const fail = (error: ChannelError): void => {
      client.end(true);
      reject(error);
    };
    client.once('connect', () => resolve(client));
    client.on('error', (error) => fail(refusalOf(error)));
    client.once('close', () => fail(new ChannelError('The broker closed the connection', { mayRetry: true })));
    signal.addEventListener('abort', () => fail(tooLong()), { once: true });
  });
}

const tooLong = (): ChannelError => new ChannelError('The broker did not answer in time', { mayRetry: true });

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(tooLong()), { once: true }));

/** CONNACK codes of MQTT 3.1.1 §3.2.2.3: 4 and 5 are credentials, which do not get better by themselves. */
function refusalOf(error: Error & { code?: number | string }): ChannelError {
  if (error.code === 4 || error.code === 5)
    return new ChannelError('The broker refuses user name or password', { mayRetry: false });
  const isCertificate = typeof error.code === 'string' && /CERT|UNABLE_TO/.test(error.code);
  if (isCertificate)
    return new ChannelError('The certificate of the broker is not trusted: give its CA', { mayRetry: false });
  return new ChannelError(`The broker cannot be reached (${error.code ?? 'no reason given'})`, { mayRetry: true });
}
