import { css, html, LitElement, nothing } from 'lit';
import type { Rule } from '../../protocol/alerts.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import { allOf } from '../paging.ts';
import type { Confirmation } from '../parts/confirm-dialog.ts';
import '../parts/data-table.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { icon } from '../parts/icons.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import { base, buttons } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { ApiProblem, call, problemText } from '../rest.ts';
import { router } from '../router.ts';
import { may } from '../session.ts';
import './presets.ts';
import { removalLines, ruleColumns, ruleWords } from './columns.ts';

/** `<reeve-rule-list>`: every rule of the site, with its switch, what was changed of it and how many alerts it has open. */
export class ReeveRuleList extends LitElement {
  static override properties = {
    _open: { state: true },
    _busy: { state: true },
    _isPreset: { state: true },
  };
  /** Open alerts by rule. */
  declare _open: ReadonlyMap<string, number>;
  declare _busy: ReadonlySet<string>;
  /** The dialog of presets is open. */
  declare _isPreset: boolean;
  readonly #dialogs = new Dialogs(this);
  readonly #rules = new Reading(this, () => this.#read());

  static override styles = [
    base,
    buttons,
    css`
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 8px 16px;
        margin-bottom: 4px;
      }
      .lead {
        margin-bottom: 12px;
        max-width: 80ch;
      }
      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
    `,
  ];

  constructor() {
    super();
    this._open = new Map();
    this._busy = new Set();
    this._isPreset = false;
    new Follow(this, () => [live().fleet, live().descriptors]);
  }

  async #read(): Promise<readonly Rule[]> {
    const [rules, open] = await Promise.all([allOf('GET /api/v1/alert-rules'), openByRule()]);
    this._open = open;
    return rules;
  }

  /** Reads the rules again. */
  load(): Promise<void> {
    return this.#rules.load();
  }

  override render() {
    return html`<header>
        <h1>${msg('Rules')}</h1>
        ${may('admin') ? this.#buttons() : nothing}
      </header>
      <p class="lead quiet">
        ${msg('What counts as wrong, on which hosts. A built-in rule can be changed and switched off; each may differ for some hosts.')}
      </p>
      ${this.#rules.view({ failed: msg('The rules could not be read'), loading: msg('Loading the rules') }, (rules) => this.#table(rules))}
      ${this.#dialogs.render()}
      ${this._isPreset ? html`<reeve-presets .rules=${this.#rules.value ?? []} @done=${this.#applied} @close=${() => this.#preset(false)}></reeve-presets>` : nothing}`;
  }

  #buttons() {
    return html`<span class="buttons"
      ><button type="button" @click=${() => this.#preset(true)}>${msg('For a kind of machine…')}</button>
      <a class="button primary" href="/rules/new">${icon('plus')}${msg('Make a rule')}</a></span>`;
  }

  #preset(isOpen: boolean): void {
    this._isPreset = isOpen;
  }

  #applied(): void {
    this._isPreset = false;
    void this.load();
  }

  #table(rules: readonly Rule[]) {
    return html`<reeve-table
      label=${msg('Rules')}
      .columns=${ruleColumns({
        mayChange: may('admin'),
        open: this._open,
        busy: this._busy,
        turn: (rule, isOn) => void this.#turn(rule, isOn),
        choose: (rule, action) => this.#choose(rule, action),
      })}
      .rows=${rules}
      .keyOf=${({ id }: Rule) => id}
      .words=${ruleWords}
    ></reeve-table>`;
  }

  async #turn(rule: Rule, isEnabled: boolean): Promise<void> {
    this._busy = new Set([...this._busy, rule.id]);
    try {
      const body = { rev: rule.rev, isEnabled };
      this.#put(await call('PATCH /api/v1/alert-rules/:ruleId', { params: { ruleId: rule.id }, body }));
    } catch (error) {
      const isOutdated = error instanceof ApiProblem && error.code === 'conflict';
      toast({
        text: isOutdated ? msg('Somebody else changed this rule meanwhile: this is how it is now') : problemText(error),
      });
      if (isOutdated) await this.load();
    } finally {
      this._busy = new Set([...this._busy].filter((id) => id !== rule.id));
    }
  }

  #put(rule: Rule): void {
    this.#rules.set((this.#rules.value ?? []).map((each) => (each.id === rule.id ? rule : each)));
  }

  #choose(rule: Rule, action: string): void {
    if (action === 'edit') router.go(`/rules/${rule.id}`);
    else if (action === 'copy') router.go(`/rules/new?like=${rule.id}`);
    else this.#dialogs.confirm(askRemoval(rule, this._open.get(rule.id) ?? 0, () => this.load()));
  }
}
customElements.define('reeve-rule-list', ReeveRuleList);

/** Asks before a rule is removed, or a built-in one reset; `then` follows. */
export function askRemoval(rule: Rule, open: number, then: () => unknown): Confirmation {
  const { id, title, isBuiltIn } = rule;
  return {
    heading: isBuiltIn
      ? msg('Reset “{rule}” to how it came?', { rule: title })
      : msg('Remove “{rule}”?', { rule: title }),
    consequences: removalLines(rule, open),
    verb: isBuiltIn ? msg('Reset the rule') : msg('Remove the rule'),
    act: async () => {
      await call('DELETE /api/v1/alert-rules/:ruleId', { params: { ruleId: id } });
      toast({ text: isBuiltIn ? msg('The rule is as it came') : msg('The rule was removed') });
      await then();
    },
  };
}

/** How many alerts are open, by rule. */
async function openByRule(): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let cursor: string | undefined;
  do {
    const query = { status: 'active' as const, limit: 500, ...(cursor !== undefined && { cursor }) };
    const { items, next } = await call('GET /api/v1/alerts', { query });
    for (const { ruleId } of items) counts.set(ruleId, (counts.get(ruleId) ?? 0) + 1);
    cursor = next;
  } while (cursor !== undefined);
  return counts;
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-rule-list': ReeveRuleList;
  }
}
