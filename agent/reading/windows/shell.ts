import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import * as z from 'zod/mini';
import { NothingToRead } from '../../nothing.ts';
import { findProgram } from '../../programs.ts';

/** Runs a script of PowerShell and answers with the objects that it gave, as JSON has them. */
export type AskShell = (script: string) => Promise<unknown[]>;

const LIMIT_MS = 20_000;
/** After a child that hung or ended, so long until another one is started. */
const REST_MS = 30_000;
const MOST_BYTES = 4 * 1024 * 1024;

/** One question a line, `<number> <script in base64>`, one answer a line; ends with its standard input. */
export const LOOP = `$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
[Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false
while ($null -ne ($line = [Console]::In.ReadLine())) {
  $number, $code = $line -split ' ', 2
  try {
    $script = [ScriptBlock]::Create([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($code)))
    $found = @(& $script | Where-Object { $null -ne $_ })
    [Console]::Out.WriteLine("$number ok " + (ConvertTo-Json -InputObject $found -Depth 4 -Compress))
  } catch {
    [Console]::Out.WriteLine("$number no " + ($_.Exception.Message -replace '\\s+', ' '))
  }
}`;

/** Arguments that make PowerShell run a script without any quoting on the way, and leave its standard input to the script. */
export const shellArguments = (script: string): string[] => [
  ...['-NoLogo', '-NoProfile', '-NonInteractive', '-InputFormat', 'None', '-OutputFormat', 'Text', '-EncodedCommand'],
  Buffer.from(script, 'utf16le').toString('base64'),
];

const ANSWER = /^(\d+) (ok|no) (.*)$/;

interface Question {
  resolve: (found: unknown[]) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

/**
 * One child of PowerShell for as long as the agent lives, started with the first question: to start one takes a second of processor
 * time, a question a few milliseconds. It holds neither the agent's end nor a frame; one that hangs is ended.
 */
export class WindowsShell {
  readonly #start: () => Promise<ChildProcessWithoutNullStreams>;
  readonly #limitMs: number;
  readonly #now: () => number;
  readonly #open = new Map<string, Question>();
  #child: Promise<ChildProcessWithoutNullStreams> | undefined;
  #number = 0;
  #rest = '';
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(
    options: { start?: () => Promise<ChildProcessWithoutNullStreams>; limitMs?: number; now?: () => number } = {},
  ) {
    const { start = startShell, limitMs = LIMIT_MS, now = () => performance.now() } = options;
    this.#start = start;
    this.#limitMs = limitMs;
    this.#now = now;
  }

  readonly ask: AskShell = async (script) => {
    const child = await this.#started();
    this.#number++;
    const number = String(this.#number);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#give(child, `PowerShell did not answer within ${this.#limitMs / 1000} s`),
        this.#limitMs,
      );
      timer.unref();
      this.#open.set(number, { resolve, reject, timer });
      child.stdin.write(`${number} ${Buffer.from(script, 'utf8').toString('base64')}\n`);
    });
  };

  #started(): Promise<ChildProcessWithoutNullStreams> {
    if (this.#child) return this.#child;
    if (this.#now() < this.#restsUntil)
      return Promise.reject(new Error('PowerShell has failed, and is tried again soon'));
    this.#child = this.#start().then((child) => this.#listen(child));
    this.#child.catch(() => {
      this.#child = undefined;
      this.#restsUntil = this.#now() + REST_MS;
    });
    return this.#child;
  }

  #listen(child: ChildProcessWithoutNullStreams): ChildProcessWithoutNullStreams {
    this.#rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#take(child, text));
    child.stderr.resume();
    child.stdin.on('error', () => this.#give(child, 'PowerShell has ended'));
    child.once('error', (error) => this.#give(child, error.message));
    child.once('exit', () => this.#give(child, 'PowerShell has ended'));
    return child;
  }

  #take(child: ChildProcessWithoutNullStreams, text: string): void {
    this.#rest += text;
    if (this.#rest.length > MOST_BYTES) {
      this.#give(child, 'PowerShell said more than can be taken');
      return;
    }
    const lines = this.#rest.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#answer(line.trim());
  }

  #answer(line: string): void {
    const [, number = '', verdict, said = ''] = ANSWER.exec(line) ?? [];
    const question = this.#open.get(number);
    if (!question) return;
    this.#open.delete(number);
    clearTimeout(question.timer);
    if (verdict === 'no') {
      question.reject(new Error(said.slice(0, 200)));
      return;
    }
    try {
      question.resolve(z.array(z.unknown()).parse(JSON.parse(said)));
    } catch {
      question.reject(new Error('PowerShell answers something else than JSON'));
    }
  }

  /** Gives a child up: whoever waits for it hears why. */
  #give(child: ChildProcessWithoutNullStreams, reason: string): void {
    if (this.#child === undefined) return;
    this.#child = undefined;
    this.#restsUntil = this.#now() + REST_MS;
    child.kill('SIGKILL');
    for (const { reject, timer } of this.#open.values()) {
      clearTimeout(timer);
      reject(new Error(reason));
    }
    this.#open.clear();
  }
}

async function startShell(): Promise<ChildProcessWithoutNullStreams> {
  const file = findProgram('powershell.exe');
  if (file === undefined) throw new NothingToRead('there is no powershell.exe');
  const { spawn } = await import('node:child_process');
  const child = spawn(file, shellArguments(LOOP), { windowsHide: true });
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr] as { unref?: () => void }[]) stream.unref?.();
  return child;
}

let shared: WindowsShell | undefined;

/** Asks the one shell of this process. */
export const askWindows: AskShell = (script) => {
  shared ??= new WindowsShell();
  return shared.ask(script);
};

/** Where there is none: on other systems, and on a saved machine. */
export const askNobody: AskShell = () => Promise.reject(new NothingToRead('there is no PowerShell'));
