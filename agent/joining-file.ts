import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { removeSecret, writeSecret } from './secret-file.ts';
import { isHolder, processMark } from './state-lock.ts';

/**
 * How a person's command speaks with the agent that waits to be let in: two files in the state folder, which nobody else can open.
 * The agent listens on nothing.
 */
const FILE = { said: 'joining.json', asked: 'confirm.json' } as const;

const text = (most: number) => z.string().check(z.maxLength(most));
const said = z.object({
  /** Process that waits. */
  holder: text(80),
  candidates: z
    .array(
      z.object({
        digits: text(6),
        url: text(300),
        applianceId: text(64),
        state: z.enum(['waiting', 'accepted']),
      }),
    )
    .check(z.maxLength(16)),
  /** Appliances that could not be asked, and why. */
  troubles: z.array(text(600)).check(z.maxLength(16)),
  /** What became of the last `confirm`. */
  answer: z.exactOptional(z.object({ id: text(64), text: text(1_000) })),
});
/** What the waiting agent tells. */
export type JoiningState = Omit<z.infer<typeof said>, 'holder'>;

const asked = z.object({ id: text(64), digits: text(6) });
/** A person has confirmed these digits; `id` finds the answer. */
export type Confirmation = z.infer<typeof asked>;

/** What an agent that waits says now; undefined when none does. */
export function readJoining(stateDir: string): JoiningState | undefined {
  const found = parsed(said, read(stateDir, FILE.said));
  return found && isHolder(found.holder) ? found : undefined;
}

export const writeJoining = (stateDir: string, state: JoiningState): void =>
  writeSecret(stateDir, FILE.said, `${JSON.stringify({ ...state, holder: processMark() })}\n`);

/** The confirmation that waits for the agent; it is taken away. */
export function takeConfirmation(stateDir: string): Confirmation | undefined {
  const found = parsed(asked, read(stateDir, FILE.asked));
  removeSecret(stateDir, FILE.asked);
  return found;
}

export const writeConfirmation = (stateDir: string, confirmation: Confirmation): void =>
  writeSecret(stateDir, FILE.asked, `${JSON.stringify(confirmation)}\n`);

/** Nobody waits any more. */
export function clearJoining(stateDir: string): void {
  for (const file of Object.values(FILE)) removeSecret(stateDir, file);
}

/** There is nothing secret in them, and the folder is closed to others: whoever may open it is believed, root too. */
function read(stateDir: string, name: string): string | undefined {
  try {
    return readFileSync(join(stateDir, name), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function parsed<T>(schema: z.ZodMiniType<T>, json: string | undefined): T | undefined {
  if (json === undefined) return undefined;
  try {
    const result = schema.safeParse(JSON.parse(json));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
