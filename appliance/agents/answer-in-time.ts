/** An agent takes an appliance that is silent for 20 s for gone (agent/session.ts). */
const ANSWER_MS = 10_000;

/**
 * Waits until frames are durable, but not for ever: where commits are held, to spare the storage, the agent hears up to where it
 * was durable before, keeps the rest, and hears of it with the answer to a later frame.
 */
export async function answerInTime(stored: Promise<void>): Promise<void> {
  stored.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ANSWER_MS);
  });
  await Promise.race([stored, late]).finally(() => clearTimeout(timer));
}
