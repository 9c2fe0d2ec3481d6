import * as z from 'zod/mini';
import { isSignedOrder } from '../../discovery/pairing/release.ts';
import type { SignedOrder, UpdateOrder } from '../../protocol/updates.ts';
import { isNewer } from '../../protocol/version.ts';
import { type May, refusalOf } from '../ceiling.ts';

const MB = 1024 ** 2;
/** Nothing that is an agent is near this. */
const MOST_BYTES = { script: 16 * MB, executable: 256 * MB } as const;

const text = (most: number) => z.string().check(z.minLength(1), z.maxLength(most));
const size = z.int().check(z.gte(1));
/** As protocol/updates.ts has it; checked here before anything is done with it. */
const orderSchema: z.ZodMiniType<UpdateOrder> = z.object({
  format: z.literal(1),
  applianceId: text(64),
  agentId: text(64),
  issuedAt: z.number(),
  program: z.string().check(z.regex(/^(?:script|[a-z0-9]+-[a-z0-9]+)$/), z.maxLength(40)),
  version: z.string().check(z.regex(/^[0-9A-Za-z.+-]{1,40}$/)),
  size,
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  path: z.string().check(z.regex(/^\/[A-Za-z0-9_./-]{1,120}$/)),
  packing: z.enum(['none', 'gz']),
  packedSize: size,
  allowOlder: z.boolean(),
});

/** What an order is judged by. */
export interface Judge {
  applianceId: string;
  agentId: string;
  /** PEM of the CA that was pinned. */
  ca: string;
  may: May;
  program: string;
  /** Of this agent. */
  version: string;
  /** Of the newest order that was taken. */
  lastIssuedAt: number;
}

/** The order, if this agent follows it; else why not, in words for the appliance. */
export function judgeOrder(message: SignedOrder, judge: Judge): UpdateOrder | string {
  const refusal = refusalOf(judge.may, { action: 'update_agent' });
  if (refusal !== undefined) return refusal;
  if (!isSignedOrder(message, judge)) return 'The order is not signed by the release key of the paired appliance';
  const order = parsed(message.order);
  if (!order) return 'The order cannot be read: this agent is too old for it, or too new';
  return wrongIn(order, judge) ?? order;
}

function wrongIn(
  order: UpdateOrder,
  { applianceId, agentId, program, version, lastIssuedAt }: Judge,
): string | undefined {
  if (order.applianceId !== applianceId || order.agentId !== agentId) return 'The order is for another agent';
  if (order.issuedAt <= lastIssuedAt) return 'The order is not newer than one that was taken before';
  if (order.program !== program) return `The order is for ${order.program}, this agent is ${program}`;
  if (order.version === version) return `This agent is version ${version} already`;
  if (!order.allowOlder && !isNewer(order.version, version))
    return `Version ${order.version} is not newer than ${version}, and the order does not say that an older one is meant`;
  const most = program === 'script' ? MOST_BYTES.script : MOST_BYTES.executable;
  if (Math.max(order.size, order.packedSize) > most) return `The new version is larger than ${most / MB} MB`;
  return undefined;
}

function parsed(order: string): UpdateOrder | undefined {
  try {
    return orderSchema.safeParse(JSON.parse(order)).data;
  } catch {
    return undefined;
  }
}
