import { css, html, LitElement, nothing } from 'lit';
import type { QuietWindow } from '../../protocol/notifications.ts';
import { msg } from '../msg.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { icon } from '../parts/icons.ts';
import '../parts/menu.ts';
import '../parts/notice.ts';
import '../parts/picks.ts';
import { Reading } from '../parts/reading.ts';
import { base, buttons } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { ApiProblem, call } from '../rest.ts';
import type { Section } from '../settings/extras.ts';
import '../settings/section.ts';
import { atWindow, NEW_WINDOW, quietSchema } from './quiet-form.ts';
import { quietText } from './words.ts';

const SECTION = { section: 'notifications' } as const;

/** `<reeve-quiet-hours>`: when messages are held back, what about, and how those of low severity are told. */
export class ReeveQuietHours extends LitElement {
  readonly #section = new Reading<Section>(this, () => call('GET /api/v1/settings/:section', { params: SECTION }));
  readonly #dialogs = new Dialogs(this);

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: grid;
        gap: 32px;
        max-width: 720px;
      }
      section {
        display: grid;
        gap: 12px;
        justify-items: start;
      }
      ul {
        width: 100%;
        border-top: 1px solid var(--reeve-line);
      }
      li {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 12px;
        padding: 8px 0;
        border-bottom: 1px solid var(--reeve-line);
        overflow-wrap: anywhere;
      }
    `,
  ];

  override render() {
    return html`${this.#section.view(
      { failed: msg('The settings could not be read'), loading: msg('Loading the settings') },
      (section) => this.#body(section),
    )}
      ${this.#dialogs.render()}`;
  }

  #body(section: Section) {
    const windows = windowsOf(section);
    return html`<section>
        <h2>${msg('Quiet hours')}</h2>
        <p class="quiet">
          ${msg('What comes in a window is held back and told together at its end. Times are those of the site’s time zone, also in the nights when clocks change.')}
          <a href="/settings">${msg('Time zone')}</a>
        </p>
        ${
          windows.length === 0
            ? html`<p>${msg('There are none: everything is told at any time.')}</p>`
            : html`<ul>
              ${windows.map((window, at) => this.#item(window, at, section))}
            </ul>`
        }
        ${section.mayChange ? html`<button type="button" @click=${() => this.#edit(section, windows.length)}>${icon('plus')}${msg('Add quiet hours')}</button>` : nothing}
      </section>
      <reeve-settings-section
        .section=${section}
        @change=${({ detail }: CustomEvent<Section>) => this.#section.set(detail)}
      ></reeve-settings-section>`;
  }

  #item(window: QuietWindow, at: number, section: Section) {
    const text = quietText(window);
    return html`<li>
      <span>${text}</span>
      ${
        section.mayChange
          ? html`<reeve-menu
            label=${msg('Actions for {name}', { name: text })}
            .items=${[{ id: 'edit', title: msg('Change…') }, { id: 'remove', title: msg('Take away'), isDanger: true }]}
            @choose=${({ detail }: CustomEvent<{ id: string }>) => (detail.id === 'edit' ? this.#edit(section, at) : void this.#takeAway(section, at))}
          ></reeve-menu>`
          : nothing
      }
    </li>`;
  }

  #edit(section: Section, at: number): void {
    const windows = windowsOf(section);
    const before = windows[at];
    this.#dialogs.fill({
      heading: before ? msg('Change quiet hours') : msg('Add quiet hours'),
      form: 'quiet-window',
      shape: quietSchema,
      value: { ...(before ?? NEW_WINDOW) },
      verb: msg('Save'),
      send: (values) => this.#save([...windows.slice(0, at), values as QuietWindow, ...windows.slice(at + 1)]),
    });
  }

  async #takeAway(section: Section, at: number): Promise<void> {
    const windows = windowsOf(section);
    try {
      await this.#save(windows.filter((_, index) => index !== at));
      toast({ text: msg('Taken away'), undo: () => void this.#save(windows).catch(said) });
    } catch (error) {
      said(error);
    }
  }

  /** Saves all windows; what is wrong with one stands at its field. */
  async #save(quiet: readonly QuietWindow[]): Promise<void> {
    const section = this.#section.value;
    if (!section) return;
    try {
      const body = { rev: section.rev, value: { ...section.value, quiet } };
      this.#section.set(await call('PUT /api/v1/settings/:section', { params: SECTION, body }));
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      if (error.code === 'conflict') await this.#section.load();
      throw new ApiProblem(error.code, error.status, { message: error.message, fields: error.fields.map(atWindow) });
    }
  }
}
customElements.define('reeve-quiet-hours', ReeveQuietHours);

const said = (error: unknown): void =>
  toast({ text: error instanceof Error ? error.message : msg('It could not be taken back') });

const windowsOf = ({ value }: Section): QuietWindow[] =>
  Array.isArray(value.quiet) ? (value.quiet as QuietWindow[]) : [];

declare global {
  interface HTMLElementTagNameMap {
    'reeve-quiet-hours': ReeveQuietHours;
  }
}
