import { z } from 'zod';
import type { AuditAnswer, AuditAsk } from './audits.ts';
import { ceiling } from './ceiling.ts';
import { frame, seriesDeclaration, type WatchSample, watchSample } from './frames.ts';
import { base64url, documentId, instant, streamId } from './identity.ts';
import { AGENTS_NAMESPACE, FRAME_LIMITS, INTERVAL_MS } from './limits.ts';
import { descriptor } from './metrics.ts';
import { failedUpdate, program, type SignedOrder, type UpdateAnswer, type Updating, updating } from './updates.ts';

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

const macText = z.string().regex(/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/);

/** A router that the host sends through; `isOnTheWay` says that it cannot reach the appliance without it. */
const gateway = z.object({ address: text(64), mac: macText.exactOptional(), isOnTheWay: z.boolean() });

/** What the host is; sent on every connection, so that a new kernel or address is seen at once, and when it changes meanwhile. */
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
  macs: z.array(macText).max(64),
  bootAt: instant.exactOptional(),
  gateways: z.array(gateway).max(4).exactOptional(),
  /** MACs of virtual machines and containers that reach the network through it. */
  guestMacs: z.array(macText).max(256).exactOptional(),
});
export type HostFacts = z.infer<typeof hostFacts>;

export const hello = z.object({
  agentVersion: text(40),
  facts: hostFacts,
  /** Interval that the agent's own file or flag demands; absent = the appliance decides. */
  intervalMs: intervalMs.exactOptional(),
  /** What its own file allows it to do; absent = an agent from before there was such a file. */
  may: ceiling.exactOptional(),
  /** What kind of program it is: which release is for it. Absent = it cannot update itself. */
  program: program.exactOptional(),
  /** The last order that it could not follow, until another comes. */
  failedUpdate: failedUpdate.exactOptional(),
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
  /** How long frames of the moment may follow one another as `more`, before one is sent as `frames` again; 0 = each is to be, ms. */
  askMs: z.number().int().min(0).max(60_000).default(0),
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

/** One process: its share of one core over the last `overMs`, and the memory that it holds. Command lines are never told: they hold secrets. */
export const processRow = z.object({
  pid: z.number().int().min(0).max(0xffff_ffff),
  name: text(64),
  /** Absent where the system does not tell it; the number where it has no name. */
  user: text(64).exactOptional(),
  cpu: z.number().min(0).max(4096).exactOptional(),
  memoryBytes: z.number().int().min(0),
});
export type ProcessRow = z.infer<typeof processRow>;

/** The processes that take most of the processor and of memory, at one moment. Read because somebody looks; never stored. */
export const topProcesses = z.object({
  overMs: z.number().int().min(0),
  /** Processes that were looked at, and those that were not because there are too many. */
  seen: z.number().int().min(0),
  leftOut: z.number().int().min(0),
  /** The system hides processes of other users from the agent. */
  isPartial: z.literal(true).exactOptional(),
  items: z.array(processRow).max(2 * FRAME_LIMITS.topProcesses),
});
export type TopProcesses = z.infer<typeof topProcesses>;

/** What an agent answers when it is asked for them. */
export const topAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: topProcesses }),
  z.object({ ok: z.literal(false), reason: text(300) }),
]);
export type TopAnswer = z.infer<typeof topAnswer>;

/** `takenSeq`: highest that was taken, durable or not. Where it lies before what was sent, `more` was refused: say again from `ackedSeq` on. */
export const ack = z.object({
  stream: streamId,
  ackedSeq: z.number().int().min(0),
  takenSeq: z.number().int().min(0).exactOptional(),
});
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
  /** As `frames`, but nobody waits: the answer to the next `frames` covers it. Only as long as the welcome's `askMs` allows. */
  more(message: Frames): void;
  skip(message: Skip, reply: Reply<Ack>): void;
  watch(message: WatchSample): void;
  /** The host is another than `hello` said: it has other addresses, gateways or guests now. */
  facts(message: HostFacts): void;
  /** Which services the machine has; said when they are others than before. */
  found(message: Found): void;
  /** How far it is with an order to update. */
  updating(message: Updating): void;
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
  /** A person wants the machine audited: the agent runs the script that it carries, and no other. An older agent does not answer. */
  audit(message: AuditAsk, reply: (answer: AuditAnswer) => void): void;
  /** Somebody looks at the host: which processes take most now? An older agent does not answer. */
  processes(reply: (answer: TopAnswer) => void): void;
  /** An order to become another version. The agent judges for itself whether it follows; an older agent does not answer. */
  update(message: SignedOrder, reply: (answer: UpdateAnswer) => void): void;
}

export const agentMessages = {
  hello,
  declare: declaration,
  frames,
  more: frames,
  skip,
  watch: watchSample,
  facts: hostFacts,
  found,
  updating,
} as const;
