import { html, nothing, type ReactiveController, type ReactiveControllerHost } from 'lit';
import { msg } from '../msg.ts';
import { problemText } from '../rest.ts';
import { progressLine } from './progress-line.ts';
import { toast } from './toast.ts';

/** How a file on its way tells the share that went, and hears that nobody wants it any more. */
export interface Sent {
  onShare(share: number): void;
  signal: AbortSignal;
}

/** The file that was chosen in an input, which is empty afterwards, so that the same one may be chosen again. */
export function chosenFile({ target }: Event): File | undefined {
  const input = target as HTMLInputElement;
  const [file] = input.files ?? [];
  input.value = '';
  return file;
}

/** A file on its way to the appliance: `render()` shows its share and Cancel, in the styles of `lineStyles`; nothing while there is none. */
export class Upload implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #send: (file: File, sent: Sent) => Promise<unknown>;
  #share: number | undefined;
  #abort = new AbortController();

  constructor(host: ReactiveControllerHost, send: (file: File, sent: Sent) => Promise<unknown>) {
    this.#host = host;
    this.#send = send;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#abort.abort();
  }

  /** Sends the file that was chosen in an input; a failure is told as a toast. */
  readonly bring = async (event: Event): Promise<void> => {
    const file = chosenFile(event);
    if (!file) return;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const onShare = (share: number | undefined): void => {
      this.#share = share;
      this.#host.requestUpdate();
    };
    onShare(0);
    try {
      await this.#send(file, { onShare, signal });
    } catch (error) {
      if (!signal.aborted) toast({ text: problemText(error) });
    } finally {
      onShare(undefined);
    }
  };

  /** `words` say what is sent. */
  render(words: string): unknown {
    if (this.#share === undefined) return nothing;
    const cancel = html`<button type="button" @click=${() => this.#abort.abort()}>${msg('Cancel')}</button>`;
    return progressLine(words, this.#share, cancel);
  }
}
