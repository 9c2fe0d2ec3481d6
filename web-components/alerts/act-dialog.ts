import { css, html, LitElement, nothing } from 'lit';
import type { AlertHead } from '../../protocol/live.ts';
import { msg, plural } from '../msg.ts';
import '../parts/dialog.ts';
import { Sending } from '../parts/sending.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { type ActKind, actOnAll, doneText } from './acts.ts';
import { snoozeChoices } from './snooze.ts';

export interface ActAsk {
  kind: ActKind;
  alerts: readonly AlertHead[];
}

/**
 * `<reeve-alert-act .ask=${{ kind: 'snooze', alerts }}>`: asks what has to be known before something is done to one or several alerts, says
 * what it means, and does it with progress. Event `done` after the deed, `close` when it was called off; the owner clears `ask` at both.
 */
export class ReeveAlertAct extends LitElement {
  static override properties = {
    ask: { attribute: false },
    _comment: { state: true },
    _minutes: { state: true },
    _doneCount: { state: true },
  };
  declare ask: ActAsk | undefined;
  declare _comment: string;
  declare _minutes: number;
  declare _doneCount: number;
  readonly #sending = new Sending(this);

  static override styles = [
    base,
    buttons,
    fields,
    css`
      form {
        display: grid;
        gap: 16px;
      }
      label {
        display: grid;
        gap: 4px;
      }
      fieldset {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend {
        padding: 0 0 4px;
      }
      fieldset label {
        display: flex;
        align-items: center;
        gap: 6px;
        min-height: 32px;
        padding: 4px 12px;
        border: 1px solid var(--reeve-line-strong);
        border-radius: var(--reeve-radius);
        cursor: pointer;
      }
      fieldset label:has(:checked) {
        border-color: var(--reeve-accent);
        background: var(--reeve-line);
      }
      input[type='radio'] {
        width: 16px;
        min-height: 16px;
        margin: 0;
        accent-color: var(--reeve-accent);
      }
      textarea {
        resize: vertical;
        min-height: 64px;
      }
      .failure {
        color: var(--reeve-critical);
      }
      .buttons {
        display: flex;
        justify-content: flex-end;
        gap: 8px;
      }
    `,
  ];

  constructor() {
    super();
    this.#clear();
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('ask')) this.#clear();
  }

  #clear(): void {
    this._comment = '';
    this._minutes = 60;
    this._doneCount = 0;
    this.#sending.clear();
  }

  async #send(event: Event): Promise<void> {
    event.preventDefault();
    const { ask } = this;
    if (!ask || this.#sending.isBusy) return;
    const comment = this._comment.trim().replace(/\s+/g, ' ');
    if (ask.kind === 'comment' && comment === '') return this.#sending.fail(msg('Write something first.'));
    const isDone = await this.#sending.run(async () => {
      const ids = ask.alerts.map(({ id }) => id);
      const count = await actOnAll(ids, { kind: ask.kind, comment, minutes: this._minutes }, (done) => {
        this._doneCount = done;
      });
      toast({ text: doneText(ask.kind, count, this._minutes) });
    });
    if (isDone) this.dispatchEvent(new CustomEvent('done'));
  }

  #close(): void {
    if (!this.#sending.isBusy) this.dispatchEvent(new CustomEvent('close'));
  }

  override render() {
    const { ask } = this;
    if (!ask) return nothing;
    const { verb, meaning, label } = wordsOf(ask.kind);
    const [first] = ask.alerts;
    const about = ask.alerts.length === 1 && first ? first.title : '';
    const heading = about || plural(ask.alerts.length, { one: '{count} alert', other: '{count} alerts' });
    return html`<reeve-dialog heading=${`${verb}: ${heading}`} open @close=${this.#close}>
      <form @submit=${this.#send}>
        <p class="quiet">${meaning}</p>
        ${ask.kind === 'snooze' ? this.#spans(ask) : nothing}
        <label>
          <span>${label}</span>
          <textarea
            maxlength="1000"
            rows="2"
            .value=${this._comment}
            @input=${(event: InputEvent) => {
              this._comment = (event.target as HTMLTextAreaElement).value;
            }}
          ></textarea>
        </label>
        ${this.#sending.text ? html`<p class="failure" role="alert">${this.#sending.text}</p>` : nothing}
        <div class="buttons">
          <button type="button" ?disabled=${this.#sending.isBusy} @click=${this.#close}>${msg('Cancel')}</button>
          <button type="submit" class="primary" ?disabled=${this.#sending.isBusy}>
            ${this.#sending.isBusy ? this.#progress(ask.alerts.length) : verb}
          </button>
        </div>
      </form>
    </reeve-dialog>`;
  }

  #progress(count: number): string {
    return count === 1 ? msg('Working…') : msg('{done} of {count}', { done: this._doneCount, count });
  }

  #spans({ alerts }: ActAsk) {
    const choices = snoozeChoices(
      Date.now(),
      alerts.some(({ snoozedUntil }) => snoozedUntil !== undefined),
    );
    return html`<fieldset>
      <legend>${msg('For how long')}</legend>
      ${choices.map(
        ({ minutes, title }) => html`<label
          ><input
            type="radio"
            name="minutes"
            .checked=${this._minutes === minutes}
            @change=${() => {
              this._minutes = minutes;
            }}
          />${title}</label
        >`,
      )}
    </fieldset>`;
  }
}
customElements.define('reeve-alert-act', ReeveAlertAct);

function wordsOf(kind: ActKind): { verb: string; meaning: string; label: string } {
  const optional = msg('Comment, if you like');
  const words: Record<ActKind, { verb: string; meaning: string; label: string }> = {
    acknowledge: {
      verb: msg('Acknowledge'),
      meaning: msg('Says to everybody that you look after it. It stays open until it is over.'),
      label: optional,
    },
    snooze: {
      verb: msg('Snooze'),
      meaning: msg('Nobody is told of it for a while. If it is still so afterwards, it is told again.'),
      label: optional,
    },
    comment: {
      verb: msg('Comment'),
      meaning: msg('Stands in the timeline of the alert for everybody.'),
      label: msg('Comment'),
    },
    resolve: {
      verb: msg('Resolve'),
      meaning: msg(
        'Ends it now. It stays quiet until its condition has really been clear once; then it may fire again.',
      ),
      label: optional,
    },
  };
  return words[kind];
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-alert-act': ReeveAlertAct;
  }
}
