import type { ChannelPlugin } from '../channel.ts';
import { email } from './email.ts';
import { mqtt } from './mqtt.ts';
import { ntfy } from './ntfy.ts';
import { push } from './push.ts';
import { pushover } from './pushover.ts';
import { slack } from './slack.ts';
import { webhook } from './webhook.ts';

/** Every notification channel, in the order in which they are offered. */
export const channels: readonly ChannelPlugin[] = [email, slack, webhook, ntfy, pushover, mqtt, push];
