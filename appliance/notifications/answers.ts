import { type OutgoingAnswer, OutgoingError, type OutgoingRequest, sendOut } from '../outgoing.ts';
import { ChannelError, type Receipt } from './channel.ts';
import { clipped, oneLine } from './message.ts';

const ANSWER_LENGTH = 300;

/** Sends one HTTP request for a channel; what is not 2xx is a `ChannelError` with the far end's own words. */
export async function sendTo(farEnd: string, request: OutgoingRequest): Promise<OutgoingAnswer> {
  const answer = await sendOut(request).catch((error: unknown) => {
    throw asChannelError(error);
  });
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw refusalOf(farEnd, answer);
}

/** 429 and 5xx pass by themselves; another 4xx has to be mended by a person. */
export function refusalOf(farEnd: string, { status, text, headers }: OutgoingAnswer): ChannelError {
  const said = clipped(oneLine(text), ANSWER_LENGTH);
  const mayRetry = status === 429 || status === 408 || status >= 500;
  return new ChannelError(`${farEnd} answered ${status}${said ? `: ${said}` : ''}`, {
    mayRetry,
    retryAfterMs: retryAfterMs(headers['retry-after']),
    status,
  });
}

const HOUR_MS = 3_600_000;

/** `Retry-After` in seconds; one hour at most, so that a far end cannot silence a channel for good. */
function retryAfterMs(header: string | string[] | undefined): number | undefined {
  const seconds = Number(Array.isArray(header) ? header[0] : header);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1_000, HOUR_MS) : undefined;
}

/** Errors of the way there pass by themselves, but for an address or a certificate that is wrong. */
export function asChannelError(error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  if (!(error instanceof OutgoingError)) return new ChannelError('The message could not be sent', { mayRetry: true });
  const isLasting = /^(?:invalid-address|plain-refused|target-refused|.*CERT.*|UNABLE_TO_.*)$/.test(error.code);
  return new ChannelError(error.message, { mayRetry: !isLasting });
}

/** What the far end said to a message that it took. */
export const receiptOf = ({ status, text }: OutgoingAnswer): Receipt => ({
  answer: clipped(oneLine(`${status} ${text}`), ANSWER_LENGTH),
});
