import { css, html, LitElement, nothing } from 'lit';
import { ACTIONS, type ActionId } from '../../protocol/actions.ts';
import { msg } from '../msg.ts';
import { base, fields } from '../parts/styles.ts';
import type { RequestOf } from '../rest.ts';
import { actionWords } from './ceiling-words.ts';

export type WantedCeiling = NonNullable<RequestOf<'POST /api/v1/agents/tokens'>['body']['may']>;
type Level = 'watch' | 'update' | 'choose';

const OFFERED = ACTIONS.filter(({ targets }) => targets !== 'commands');

/**
 * `<reeve-ceiling-choice>`: what an agent that is about to be installed may ever be asked to do; it only watches unless one says more.
 * `may` is what was chosen, as the API takes it.
 */
export class ReeveCeilingChoice extends LitElement {
  static override properties = { _level: { state: true } };
  declare _level: Level;

  static override styles = [
    base,
    fields,
    css`
      fieldset {
        display: grid;
        gap: 8px;
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend {
        padding: 0 0 4px;
        font-weight: 500;
      }
      label {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 24px;
      }
      label.targets {
        display: grid;
        gap: 4px;
      }
      input[type='radio'] {
        width: 16px;
        min-height: 16px;
        margin: 0;
        accent-color: var(--reeve-accent);
      }
      .choices {
        display: grid;
        gap: 12px;
        padding-left: 24px;
      }
    `,
  ];

  constructor() {
    super();
    this._level = 'watch';
  }

  /** What was chosen; an action whose field is empty is not. */
  get may(): WantedCeiling {
    if (this._level === 'watch') return [];
    if (this._level === 'update') return [{ action: 'update_agent' }];
    return OFFERED.flatMap(({ id, targets }) => {
      const field = this.renderRoot.querySelector<HTMLInputElement>(`#${id}`);
      if (targets === 'none') return field?.checked ? [{ action: id } as WantedCeiling[number]] : [];
      const said = (field?.value ?? '').split(',').flatMap((each) => each.trim() || []);
      return said.length > 0 ? [{ action: id, targets: said } as WantedCeiling[number]] : [];
    });
  }

  override render() {
    return html`<fieldset>
      <legend>${msg('What the agent may do')}</legend>
      ${this.#radio('watch', msg('Only watch'))}
      ${this.#radio('update', msg('Watch, and update itself when an admin says so'))}
      ${this.#radio('choose', msg('Choose…'))}
      ${this._level === 'choose' ? html`<div class="choices">${OFFERED.map(({ id }) => choice(id))}</div>` : nothing}
      <p class="quiet">${msg('This is fixed on the machine when the agent is installed. Reeve can never raise it; a person on the machine can.')}</p>
    </fieldset>`;
  }

  #radio(level: Level, title: string) {
    const choose = () => {
      this._level = level;
    };
    return html`<label><input type="radio" name="level" .checked=${this._level === level} @change=${choose} />${title}</label>`;
  }
}
customElements.define('reeve-ceiling-choice', ReeveCeilingChoice);

const EXAMPLES: { [id in ActionId]?: string } = {
  restart_service: 'nginx, plexmediaserver',
  restart_container: 'home-assistant',
  clear_logs: '/var/log/nginx',
  read_logs: '/var/log',
};

function choice(id: ActionId) {
  const example = EXAMPLES[id];
  if (example === undefined) return html`<label><input type="checkbox" id=${id} />${actionWords(id)}</label>`;
  return html`<label class="targets">${actionWords(id)}
    <input id=${id} autocomplete="off" autocapitalize="off" spellcheck="false" placeholder=${msg('None; for instance {example}', { example })} />
  </label>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-ceiling-choice': ReeveCeilingChoice;
  }
}
