/** Where the agent says what it does; `detail` is added as key=value. Called as pino is, which would cost the agent 6 MiB. */
export interface AgentLog {
  debug(detail: object, message: string): void;
  info(detail: object, message: string): void;
  warn(detail: object, message: string): void;
  error(detail: object, message: string): void;
}

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LEVELS)[number];
export const isLogLevel = (text: string): text is LogLevel => (LEVELS as readonly string[]).includes(text);

/** One line per event on standard error; a control character in a value cannot forge a second line. */
export function openAgentLog(level: LogLevel, write = (line: string) => void process.stderr.write(line)): AgentLog {
  const least = LEVELS.indexOf(level);
  const say = (name: LogLevel) => (detail: object, message: string) => {
    if (LEVELS.indexOf(name) < least) return;
    const rest = Object.entries(detail).map(([key, value]) => ` ${key}=${textOf(value)}`);
    write(`${new Date().toISOString()} ${name} ${oneLine(message)}${rest.join('')}\n`);
  };
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
}

const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');

function textOf(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.message);
  return typeof value === 'string' && /^[\w.:/@-]+$/.test(value) ? value : (JSON.stringify(value) ?? 'undefined');
}

/** Says a thing once, and again only when it has changed: a failing part must not fill the disk. */
export class Once {
  readonly #said = new Map<string, string>();

  /** True when `text` is news about `subject`. */
  isNews(subject: string, text: string): boolean {
    if (this.#said.get(subject) === text) return false;
    this.#said.set(subject, text);
    return true;
  }

  /** True when something was said about `subject` and is now over. */
  settle(subject: string): boolean {
    return this.#said.delete(subject);
  }
}
