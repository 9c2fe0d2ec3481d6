import { request } from 'node:http';
import * as z from 'zod/mini';

/** The engine gave no answer that can be used. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const LIMIT_MS = 10_000;
/** A list of some thousand containers. */
const MOST_BYTES = 8 * 1024 * 1024;

/** Asks an engine for JSON at its socket: Docker's API, which Podman speaks too. Throws `EngineError`. */
export function askEngine(socketPath: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (code: string, message: string) => {
      reject(new EngineError(code, message));
      outgoing.destroy();
    };
    const outgoing = request({ socketPath, path, signal: AbortSignal.timeout(LIMIT_MS), agent: false }, (answer) => {
      const parts: Buffer[] = [];
      let size = 0;
      answer.on('data', (part: Buffer) => {
        size += part.length;
        if (size > MOST_BYTES) fail('too-much', `${socketPath} answers more than can be taken`);
        else parts.push(part);
      });
      answer.once('error', (error) => fail('broken', error.message));
      answer.once('end', () => {
        if (answer.statusCode !== 200)
          return fail(String(answer.statusCode), `${socketPath} answers ${answer.statusCode}`);
        try {
          resolve(JSON.parse(Buffer.concat(parts).toString('utf8')));
        } catch {
          fail('odd', `${socketPath} answers something else than JSON`);
        }
      });
    });
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      if (error.name === 'AbortError' || error.name === 'TimeoutError') fail('silent', `${socketPath} does not answer`);
      else fail(error.code ?? 'broken', error.message);
    });
    outgoing.end();
  });
}

const listed = z.array(
  z.object({
    Id: z.string().check(z.regex(/^[0-9a-f]{12,64}$/)),
    Names: z.array(z.string()),
    State: z.string(),
    Status: z._default(z.string(), ''),
  }),
);

/** One container as the list has it. */
export interface Listed {
  id: string;
  name: string;
  state: string;
  /** In words: `Up 2 hours (healthy)`. */
  status: string;
}

/** Containers of an engine, those that ended included. Throws `EngineError`. */
export async function listContainers(socketPath: string): Promise<Listed[]> {
  const parsed = listed.safeParse(await askEngine(socketPath, '/containers/json?all=1'));
  if (!parsed.success) throw new EngineError('odd', `${socketPath} answers something else than a list of containers`);
  return parsed.data.map(({ Id, Names, State, Status }) => ({
    id: Id,
    // A container that others link to has several names; its own has no second slash.
    name: (Names.find((name) => name.lastIndexOf('/') === 0) ?? Names[0] ?? Id.slice(0, 12)).replace(/^\//, ''),
    state: State.toLowerCase(),
    status: Status,
  }));
}

const inspected = z.object({
  RestartCount: z._default(z.int(), 0),
  State: z.object({
    Pid: z._default(z.int(), 0),
    Health: z.optional(z.nullable(z.object({ Status: z.string() }))),
  }),
});

export interface Inspected {
  restarts: number;
  pid: number | undefined;
  /** `healthy`, `unhealthy`, `starting`; undefined where nobody checks. */
  health: string | undefined;
}

/** What the list does not say. Throws `EngineError`. */
export async function inspectContainer(socketPath: string, id: string): Promise<Inspected> {
  const parsed = inspected.safeParse(await askEngine(socketPath, `/containers/${id}/json`));
  if (!parsed.success) throw new EngineError('odd', `${socketPath} describes a container in a way that is not known`);
  const { RestartCount, State } = parsed.data;
  const health = State.Health?.Status.toLowerCase();
  // Podman says nothing, Docker says `none`.
  return {
    restarts: RestartCount,
    pid: State.Pid || undefined,
    health: health && health !== 'none' ? health : undefined,
  };
}

const stats = z.object({
  cpu_stats: z.object({ cpu_usage: z.object({ total_usage: z.number() }) }),
  memory_stats: z.object({
    usage: z.optional(z.number()),
    stats: z.optional(z.record(z.string(), z.number())),
  }),
});

/** Processor time and memory by way of the engine, for where the control groups cannot be read. Throws `EngineError`. */
export async function statsOf(
  socketPath: string,
  id: string,
): Promise<{ cpuSeconds: number; memoryBytes: number | undefined }> {
  const parsed = stats.safeParse(await askEngine(socketPath, `/containers/${id}/stats?stream=false&one-shot=true`));
  if (!parsed.success) throw new EngineError('odd', `${socketPath} tells of a container in a way that is not known`);
  const { cpu_stats, memory_stats } = parsed.data;
  // What `docker stats` shows: cached files that can be given back are not counted; v2 and v1 of control groups name them so.
  const cached = memory_stats.stats?.inactive_file ?? memory_stats.stats?.total_inactive_file ?? 0;
  return {
    cpuSeconds: cpu_stats.cpu_usage.total_usage / 1e9,
    memoryBytes: memory_stats.usage === undefined ? undefined : Math.max(0, memory_stats.usage - cached),
  };
}
