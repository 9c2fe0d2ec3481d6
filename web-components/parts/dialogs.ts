import { html, type ReactiveController, type ReactiveControllerHost } from 'lit';
import './confirm-dialog.ts';
import type { Confirmation } from './confirm-dialog.ts';
import './form-dialog.ts';
import type { FormAsk } from './form-dialog.ts';

/** The one question or form that an element has open; `render()` stands once in what it draws. */
export class Dialogs implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #question: Confirmation | undefined;
  #form: FormAsk | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#close();
  }

  /** Asks before something goes or changes. */
  confirm(question: Confirmation): void {
    this.#question = question;
    this.#host.requestUpdate();
  }

  /** Opens a form of the appliance. */
  fill(form: FormAsk): void {
    this.#form = form;
    this.#host.requestUpdate();
  }

  readonly #close = (): void => {
    this.#question = undefined;
    this.#form = undefined;
    this.#host.requestUpdate();
  };

  render(): unknown {
    return html`<reeve-confirm .ask=${this.#question} @done=${this.#close} @close=${this.#close}></reeve-confirm>
      <reeve-form-dialog .ask=${this.#form} @done=${this.#close} @close=${this.#close}></reeve-form-dialog>`;
  }
}
