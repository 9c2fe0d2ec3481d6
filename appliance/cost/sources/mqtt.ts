import { z } from 'zod';
import { brokerFields, hearTopics, numberIn, topicField } from '../hear-meter.ts';
import { source } from '../source.ts';

const path = z
  .string()
  .max(120)
  .regex(/^[^\s.]+(?:\.[^\s.]+)*$/, 'write names parted by points, such as ENERGY.Power')
  .exactOptional();

/** Any topic that carries watts, as a number or somewhere in JSON: zigbee2mqtt, ESPHome, a script of one's own. */
export const mqtt = source({
  id: 'mqtt',
  title: 'MQTT topic',
  confidence: 'measured',
  uncertainty: () => 0.03,
  hint: 'Any meter whose watts stand in a topic, as a number or in JSON.',
  settings: z.strictObject({
    url: brokerFields.url,
    topic: topicField.meta({ title: 'Topic', order: 2 }),
    path: path.meta({
      title: 'Where the watts lie in it',
      description: 'In JSON, such as power; empty = the message is the number.',
      order: 3,
    }),
    energyPath: path.meta({
      title: 'Where a counter of kWh lies in it',
      description: 'In JSON; may be left out.',
      order: 4,
    }),
    ...{ userName: brokerFields.userName, password: brokerFields.password, ca: brokerFields.ca },
  }),
  open: ({ topic, path: watts, energyPath, ...broker }) => ({
    how: 'hear',
    hear: (take, failed) =>
      hearTopics(
        {
          ...broker,
          topics: {
            [topic]: (text) => ({
              watts: numberIn(text, watts),
              ...(energyPath !== undefined && { totalWh: numberIn(text, energyPath) * 1_000 }),
            }),
          },
        },
        take,
        failed,
      ),
  }),
});
