import { z } from 'zod';
import { frame, seriesDeclaration, type WatchSample, watchSample } from './frames.ts';
import { base64url, documentId, instant, streamId } from './identity.ts';
import { AGENTS_NAMESPACE, FRAME_LIMITS, INTERVAL_MS } from './limits.ts';
import { descriptor } from './metrics.ts';

export { AGENTS_NAMESPACE, INTERVAL_MS };

export const intervalMs = z.number().int().min(INTERVAL_MS.least).max(INTERVAL_MS.most);

/** What the appliance asks on every connection: prove that you hold the key that was paired. */
export const challenge = z.object({
  protocol: z.number().int(),
  applianceId: documentId,
  nonce: base64url(32),
});
export type Challenge = z.infer<typeof challenge>;

/** The agent's proof: Ed25519 over `reeve-auth-v1 \0 applianceId \0 agentId \0 nonce`. */
export const challengeAnswer = z.object({
  protocol: z.number().int(),
  agentId: documentId,
  signature: base64url(64),
});
export type ChallengeAnswer = z.infer<typeof challengeAnswer>;

const text = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u);

/** What the host is; sent on every connection, so that a new kernel or address is seen at once. */
export const hostFacts = z.object({
  hostName: text(255),
  machineId: text(64).exactOptional(),
  platform: z.enum(['linux', 'win32', 'darwin', 'other']),
  os: text(120),
  kernel: text(120),
  architecture: text(32),
  cpuModel: text(160).exactOptional(),
  cpuCores: z.number().int().min(1).max(4096).exactOptional(),
  memoryBytes: z.number().int().min(0).exactOptional(),
  virtualisation: text(64).exactOptional(),
  addresses: z.array(text(64)).max(64),
  macs: z.array(z.string().regex(/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/)).max(64),
  bootAt: instant.exactOptional(),
});
export type HostFacts = z.infer<typeof hostFacts>;

export const hello = z.object({
  agentVersion: text(40),
  facts: hostFacts,
  /** Interval that the agent's own file or flag demands; absent = the appliance decides. */
  intervalMs: intervalMs.exactOptional(),
});
export type Hello = z.infer<typeof hello>;

/** Services that people want to run on the host. */
export const expectedServices = z
  .array(z.object({ name: text(200), isCritical: z.boolean() }))
  .max(FRAME_LIMITS.servicesPerHost);
export type ExpectedServices = z.infer<typeof expectedServices>;

export const helloAnswer = z.object({
  hostId: documentId,
  intervalMs,
  at: instant,
  services: expectedServices.exactOptional(),
});
export type HelloAnswer = z.infer<typeof helloAnswer>;

/** Declares series of one stream; may be said again with more. Frames of a stream are refused before its declaration. */
export const declaration = z.object({
  stream: streamId,
  descriptors: z.array(descriptor).max(500),
  series: z.array(seriesDeclaration).max(FRAME_LIMITS.seriesPerHost),
});
export type Declaration = z.infer<typeof declaration>;

/** `ackedSeq`: everything up to it is durable; the agent goes on with the next. */
export const welcome = z.object({
  stream: streamId,
  ackedSeq: z.number().int().min(0),
  refused: z.array(z.object({ metric: z.string(), reason: z.string() })).default([]),
  /** How long a frame may wait for its acknowledgement in good order, because the appliance spares its storage: ms. */
  holdMs: z.number().int().min(0).max(3_600_000).default(0),
});
export type Welcome = z.infer<typeof welcome>;

export const frames = z.object({
  /** How far the host's clock is behind the appliance's, measured on this link; applied to each frame's time and recorded. */
  offsetMs: z.number().min(-1e13).max(1e13),
  frames: z.array(frame).min(1).max(FRAME_LIMITS.framesPerMessage),
});
export type Frames = z.infer<typeof frames>;

/** The agent no longer has these frames; the gap is recorded and the sequence goes on behind it. */
export const skip = z.object({
  stream: streamId,
  fromSeq: z.number().int().min(1),
  toSeq: z.number().int().min(1),
  reason: z.enum(['overflow', 'appliance-restored', 'agent-restarted', 'damaged']),
});
export type Skip = z.infer<typeof skip>;

/** Services that the agent found on its machine, to choose from. */
export const found = z.object({
  services: z
    .array(
      z.object({
        name: text(200),
        title: text(200).exactOptional(),
        state: z.enum(['running', 'stopped', 'failed', 'unknown']),
      }),
    )
    .max(FRAME_LIMITS.servicesFound),
});
export type Found = z.infer<typeof found>;

export const ack = z.object({ stream: streamId, ackedSeq: z.number().int().min(0) });
export type Ack = z.infer<typeof ack>;

/** Every answer on the agents' socket: the value, or a coded refusal that says who has to do what. */
export interface Refusal {
  code:
    | 'protocol'
    | 'unauthenticated'
    | 'revoked'
    | 'quarantined'
    | 'invalid'
    | 'undeclared'
    | 'limit'
    | 'busy'
    | 'storage'
    /** The appliance does not know the time itself: nobody can be measured against it. */
    | 'clock-untrusted';
  message: string;
}
export type Answer<T> = { ok: true; value: T } | { ok: false; error: Refusal };
type Reply<T> = (answer: Answer<T>) => void;

export interface AgentToAppliance {
  hello(message: Hello, reply: Reply<HelloAnswer>): void;
  declare(message: Declaration, reply: Reply<Welcome>): void;
  frames(message: Frames, reply: Reply<Ack[]>): void;
  skip(message: Skip, reply: Reply<Ack>): void;
  watch(message: WatchSample): void;
  /** Which services the machine has; said when they are others than before. */
  found(message: Found): void;
  /** A person has unpaired it on its machine: it will not come back with this key. */
  leave(reply: Reply<null>): void;
  /** One round of clock measurement: the reply is the appliance's time in epoch ms. */
  time(reply: Reply<number>): void;
}

export interface ApplianceToAgent {
  challenge(message: Challenge, reply: (answer: ChallengeAnswer) => void): void;
  /** The challenge was passed; the agent may speak. */
  ready(): void;
  /** Nothing further will be accepted; the agent logs the reason and waits before it tries again. */
  refused(error: Refusal): void;
  /** Asked when the same key connects a second time: who answers is alive, and two that are alive are clones. */
  alive(reply: () => void): void;
  /** Somebody looks: send samples at `intervalMs` until `leaseMs` from now. */
  watch(message: { intervalMs: number; leaseMs: number }): void;
  /** The owner changed this host's interval. */
  interval(message: { intervalMs: number }): void;
  /** People changed which services belong on this host. */
  services(message: { services: ExpectedServices }): void;
}

export const agentMessages = { hello, declare: declaration, frames, skip, watch: watchSample, found } as const;
