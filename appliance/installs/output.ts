import { StringDecoder } from 'node:string_decoder';
import { readable } from './commands.ts';

/** Of what a command writes, so much is kept: its end. */
const MOST = 32_768;
/** A secret shorter than this would take half of the words away; it is in no output unless the machine is out for it. */
const SHORTEST = 4;

/** What a command wrote, safe to be shown, without the secrets that were typed for it. */
export class Output {
  readonly #decoder = new StringDecoder('utf8');
  readonly #secrets: readonly string[];
  #text = '';

  constructor(secrets: readonly (string | undefined)[] = []) {
    this.#secrets = secrets.filter((each): each is string => each !== undefined && each.length >= SHORTEST);
  }

  take(piece: Buffer): void {
    // Taken out of the whole, because a secret may come in two pieces.
    this.#text = this.without(this.#text + this.#decoder.write(piece)).slice(-MOST);
  }

  get text(): string {
    return readable(this.#text);
  }

  /** A text without the secrets. */
  without(text: string): string {
    return this.#secrets.reduce((left, secret) => left.replaceAll(secret, '••••'), text);
  }
}
