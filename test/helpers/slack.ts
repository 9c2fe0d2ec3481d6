import { z } from 'zod';

/** https://docs.slack.dev/reference/block-kit/blocks: lengths in characters; what is longer, or empty, Slack refuses whole. */
const text = (most: number) =>
  z
    .string()
    .min(1)
    .refine((value) => Array.from(value).length <= most, `over ${most}`);
const plain = (most: number) => z.strictObject({ type: z.literal('plain_text'), text: text(most), emoji: z.boolean() });
const markup = (most: number) =>
  z.strictObject({
    type: z.literal('mrkdwn'),
    text: text(most)
      // Only our own link may stand between < and >: everything else would be markup of a stranger.
      .refine(
        (value) => !/[<>]/.test(value.replace(/<https?:\/\/[^|<>]*\|Open in Reeve>/g, '')),
        'markup of a stranger',
      )
      .refine((value) => !/&(?!amp;|lt;|gt;)/.test(value), 'half an entity'),
  });
const block = z.union([
  z.strictObject({ type: z.literal('header'), text: plain(150) }),
  z.strictObject({ type: z.literal('section'), text: markup(3_000) }),
  z.strictObject({ type: z.literal('section'), fields: z.array(markup(2_000)).min(1).max(10) }),
]);

/** What an incoming webhook of Slack takes, as far as Reeve uses it. */
export const slackPayload = z.strictObject({
  text: text(4_000),
  attachments: z
    .array(
      z.strictObject({
        color: z.string().regex(/^#[0-9a-f]{6}$/),
        fallback: text(4_000),
        blocks: z.array(block).min(1).max(50),
      }),
    )
    .length(1),
  unfurl_links: z.literal(false),
  unfurl_media: z.literal(false),
});

/** Reads a payload as Slack would; fails with what it would refuse. */
export const checkSlackPayload = (body: string): z.output<typeof slackPayload> => slackPayload.parse(JSON.parse(body));
