/** Numbers and names that are needed where zod must not be loaded: in the agent and the browser. */

/** Socket.IO namespace of the agents; served on the HTTPS listener only. */
export const AGENTS_NAMESPACE = '/agents';

export const INTERVAL_MS = { least: 1_000, most: 300_000, default: 5_000, watch: 1_000, watchLease: 15_000 } as const;

/** Limits at the edge, with their reason. */
export const FRAME_LIMITS = {
  /** Largest message on a socket: 120 frames of 5,000 values fit; more is an attack or a mistake. */
  messageBytes: 2 * 1024 * 1024,
  /** Frames in one message: a replay after an outage goes in steps, so that live frames are never far behind. */
  framesPerMessage: 120,
  /** Series of one host: beyond it a collector is broken (a label with a request id, say). */
  seriesPerHost: 2_000,
  /** Messages that one agent may send in a second, watch samples included. */
  messagesPerSecond: 20,
  /** Services that people may expect on one host, and that an agent tells of its machine. */
  servicesPerHost: 64,
  servicesFound: 300,
  /** Processes by processor, and as many by memory, that an agent tells while somebody looks. */
  topProcesses: 20,
} as const;

/** Label of the protocol in every hash and signature; a change of the transcript gets a new one. */
export const PAIRING_LABEL = 'reeve-pair-v1';
export const JOIN_LABEL = 'reeve-join-v1';

export const PAIRING_LIMITS = {
  tokenMs: 15 * 60_000,
  /** How long a token may be made to live. */
  tokenSpanMs: { least: 5 * 60_000, most: 30 * 86_400_000 },
  /** Agents that one token may let in. */
  tokenUses: 500,
  sessionMs: 30_000,
  wrongTries: 5,
  openSessions: 256,
  /** How long an agent's request to join waits for its digits, and after that for the word on the host. */
  joinMs: 10 * 60_000,
  /**
   * Requests to join within `joinMs`, whatever became of them, in all and from one address: each is one try in a million for whoever
   * stands between agent and appliance.
   */
  joins: 16,
  joinsPerAddress: 4,
  digitTries: 3,
  looksPerMinute: 120,
  requestsPerMinute: 60,
  bodyBytes: 16 * 1024,
} as const;

/** mDNS service types, without underscore and protocol as bonjour-service wants them. */
export const SERVICE = { appliance: 'reeve', agent: 'reeve-agent' } as const;
