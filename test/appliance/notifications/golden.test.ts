import { describe, expect, test } from 'vitest';
import { mailText, subjectOf } from '../../../appliance/notifications/channels/email.ts';
import { ntfyBody } from '../../../appliance/notifications/channels/ntfy.ts';
import { pushoverFields } from '../../../appliance/notifications/channels/pushover.ts';
import { slackPayload } from '../../../appliance/notifications/channels/slack.ts';
import { webhookBody } from '../../../appliance/notifications/channels/webhook.ts';
import { htmlOf } from '../../../appliance/notifications/mail-html.ts';
import { timeText } from '../../../appliance/notifications/message.ts';
import { diskHigh, remediationDone, serverOffline, serviceStopped } from '../../helpers/messages.ts';

const kinds = { serverOffline, serviceStopped, remediationDone, diskHigh };
const golden = (name: string): string => `./golden/${name}`;
const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Every field of NTF-1, in the form in which people get it. A change of these files is a change of what they read: look at it. */
describe.each(Object.entries(kinds))('the message %s', (name, message) => {
  test('reads as it should in Slack', () =>
    expect(text(slackPayload(message))).toMatchFileSnapshot(golden(`${name}.slack.txt`)));

  test('reads as it should in a mail', async () => {
    await expect(`${subjectOf(message)}\n\n${mailText(message)}\n`).toMatchFileSnapshot(golden(`${name}.mail.txt`));
    await expect(htmlOf(message)).toMatchFileSnapshot(golden(`${name}.mail.html`));
  });

  test('reads as it should in the short channels and for programs', () =>
    expect(
      text({
        pushover: pushoverFields(message, true),
        ntfy: ntfyBody(message, 'reeve'),
        webhook: webhookBody(message),
      }),
    ).toMatchFileSnapshot(golden(`${name}.others.txt`)));
});

test('times are told in the zone of the site, in summer and in winter', () => {
  expect(timeText(Date.UTC(2026, 6, 1, 12), 'Europe/Berlin')).toBe('2026-07-01 14:00:00 CEST');
  expect(timeText(Date.UTC(2026, 11, 1, 12), 'Europe/Berlin')).toBe('2026-12-01 13:00:00 CET');
  expect(timeText(Date.UTC(2026, 11, 1, 12), 'UTC')).toBe('2026-12-01 12:00:00 UTC');
});
