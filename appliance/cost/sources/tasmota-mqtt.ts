import { z } from 'zod';
import { brokerFields, hearTopics, numberIn, topicField } from '../hear-meter.ts';
import { type MeterReading, source } from '../source.ts';

const ASK_MS = 10_000;

const energyOf =
  (path: string) =>
  (text: string): MeterReading => ({
    watts: numberIn(text, `${path}ENERGY.Power`),
    totalWh: numberIn(text, `${path}ENERGY.Total`) * 1_000,
  });

/** Plugs with Tasmota that speak MQTT: their telemetry, and in between what they answer to a question. */
export const tasmotaMqtt = source({
  id: 'tasmota-mqtt',
  title: 'Tasmota plug (MQTT)',
  confidence: 'measured',
  uncertainty: () => 0.02,
  hint: 'The topic is in the plug’s MQTT settings. Telemetry comes every five minutes, so the plug is asked every ten seconds as well; its prefixes are the usual tele, stat and cmnd.',
  settings: z.strictObject({
    url: brokerFields.url,
    topic: topicField.meta({ title: 'Topic of the plug', description: 'Such as tasmota_1A2B3C', order: 2 }),
    ...{ userName: brokerFields.userName, password: brokerFields.password, ca: brokerFields.ca },
  }),
  open: ({ topic, ...broker }) => ({
    how: 'hear',
    hear: (take, failed) =>
      hearTopics(
        {
          ...broker,
          ask: { topic: `cmnd/${topic}/STATUS`, payload: '10', everyMs: ASK_MS },
          topics: {
            [`tele/${topic}/SENSOR`]: energyOf(''),
            [`stat/${topic}/STATUS10`]: energyOf('StatusSNS.'),
          },
        },
        take,
        failed,
      ),
  }),
});
