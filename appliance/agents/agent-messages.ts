import type { Socket } from 'socket.io';
import type { z } from 'zod';
import {
  type AgentToAppliance,
  type ApplianceToAgent,
  agentMessages,
  type Refusal,
} from '../../protocol/agent-link.ts';
import { FRAME_LIMITS } from '../../protocol/frames.ts';
import { BadMessage, checked } from '../guard.ts';
import { SeriesLimitError } from '../history/history.ts';
import type { Logger } from '../log.ts';
import { RateLimit } from '../rate-limit.ts';
import type { AgentSession } from './agent-session.ts';
import { LinkRefusal } from './link-refusal.ts';

export type AgentSocket = Socket<AgentToAppliance, ApplianceToAgent>;

const UNTRUSTED = new LinkRefusal('clock-untrusted', 'The appliance does not know the time yet');

/** One bad client must not fill the log. */
const NOTE_EVERY_MS = 10_000;

/** Joins a proven agent's messages to its session: each is checked, counted, and answered even when it is refused. */
export function listenTo(
  socket: AgentSocket,
  session: AgentSession,
  { log, now, clockIsTrusted }: { log: Logger; now: () => number; clockIsTrusted: () => boolean },
): void {
  const limit = new RateLimit(FRAME_LIMITS.messagesPerSecond, 1_000);
  const refused = {
    note: noteTo(log.child({ agentId: session.party.agentId })),
    answer: (error: unknown) => ({ ok: false, error: asRefusal(error) }),
  };
  const take = <S extends z.ZodType, R>(schema: S, handle: (message: z.output<S>) => R | Promise<R>) =>
    checked(schema, refused, (message) => {
      if (limit.take('', performance.now())) return handle(message);
      throw new LinkRefusal('limit', `At most ${FRAME_LIMITS.messagesPerSecond} messages a second`);
    });
  socket.on(
    'hello',
    take(agentMessages.hello, (message) => session.hello(message)),
  );
  socket.on(
    'declare',
    take(agentMessages.declare, (message) => session.declare(message)),
  );
  socket.on(
    'frames',
    take(agentMessages.frames, (message) => session.frames(message)),
  );
  socket.on(
    'more',
    take(agentMessages.more, (message) => session.frames(message)),
  );
  socket.on(
    'skip',
    take(agentMessages.skip, (message) => session.skip(message)),
  );
  socket.on(
    'watch',
    take(agentMessages.watch, (message) => session.watch(message)),
  );
  socket.on(
    'facts',
    take(agentMessages.facts, (message) => session.facts(message)),
  );
  socket.on(
    'found',
    take(agentMessages.found, (message) => session.found(message)),
  );
  socket.on(
    'updating',
    take(agentMessages.updating, (message) => session.updating(message)),
  );
  socket.on('time', (reply) => {
    if (typeof reply !== 'function' || !limit.take('', performance.now())) return;
    reply(clockIsTrusted() ? { ok: true, value: now() } : { ok: false, error: UNTRUSTED.refusal });
  });
}

function noteTo(log: Logger): (error: unknown) => void {
  const notes = new RateLimit(1, NOTE_EVERY_MS);
  return (error) => {
    if (!notes.take('', performance.now())) return;
    const isTheirs = error instanceof LinkRefusal || error instanceof BadMessage;
    log.warn(isTheirs ? {} : { err: error }, `message refused: ${String(error)}`);
  };
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof LinkRefusal) return error.refusal;
  if (error instanceof SeriesLimitError) return { code: error.code, message: error.message };
  if (error instanceof BadMessage) return { code: 'invalid', message: error.message };
  return { code: 'storage', message: 'The appliance could not store this; it will be asked for again' };
}
