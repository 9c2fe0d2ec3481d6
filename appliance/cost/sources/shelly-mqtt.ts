import { z } from 'zod';
import { readAnswer } from '../ask-meter.ts';
import { brokerFields, hearTopics, numberIn, topicField } from '../hear-meter.ts';
import { source } from '../source.ts';

const status = z.looseObject({
  apower: z.number().exactOptional(),
  aenergy: z.looseObject({ total: z.number().min(0) }).exactOptional(),
});

/** Plugs and relays of Shelly that speak MQTT: `<prefix>/relay/0/power` of Gen1, `<prefix>/status/switch:0` of Gen2 and later. */
export const shellyMqtt = source({
  id: 'shelly-mqtt',
  title: 'Shelly plug (MQTT)',
  confidence: 'measured',
  uncertainty: () => 0.02,
  hint: 'The prefix is in the plug’s own settings: shellies/shellyplug-s-1234 for Gen1, shellyplusplugs-1234 for later ones. Of Gen2 and later switch “Generic status update over MQTT” on.',
  settings: z.strictObject({
    url: brokerFields.url,
    prefix: topicField.meta({ title: 'Prefix of its topics', order: 2 }),
    channel: z.number().int().min(0).max(15).default(0).meta({ title: 'Channel', order: 3 }),
    ...{ userName: brokerFields.userName, password: brokerFields.password, ca: brokerFields.ca },
  }),
  open: ({ prefix, channel, ...broker }) => ({
    how: 'hear',
    hear: (take, failed) =>
      hearTopics(
        {
          ...broker,
          topics: {
            [`${prefix}/relay/${channel}/power`]: (text) => ({ watts: numberIn(text, undefined) }),
            [`${prefix}/status/switch:${channel}`]: (text) => {
              const { apower, aenergy } = readAnswer(text, status);
              if (apower === undefined && !aenergy) return undefined;
              return { ...(apower !== undefined && { watts: apower }), ...(aenergy && { totalWh: aenergy.total }) };
            },
          },
        },
        take,
        failed,
      ),
  }),
});
