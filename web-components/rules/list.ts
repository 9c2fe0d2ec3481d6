import { css, html, LitElement, nothing } from 'lit';
import type { Rule } from '../../protocol/alerts.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import { allOf } from '../paging.ts';
import '../parts/confirm-dialog.ts';
import type { Confirmation } from '../parts/confirm-dialog.ts';
import '../parts/data-table.ts';
import { icon } from '../parts/icons.ts';
import { failureNotice } from '../parts/notice.ts';
import { base, buttons } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { ApiProblem, call, problemText } from '../rest.ts';
import { router } from '../router.ts';
import { may } from '../session.ts';
import { removalLines, ruleColumns, ruleWords } from './columns.ts';

/** `<reeve-rule-list>`: every rule of the site, with its switch, what was changed of it and how many alerts it has open. */
export class ReeveRuleList extends LitElement {
  static override properties = {
    _rules: { state: true },
    _open: { state: true },
    _busy: { state: true },
    _failure: { state: true },
    _ask: { state: true },
  };
  declare _rules: readonly Rule[] | undefined;
  /** Open alerts by rule. */
  declare _open: ReadonlyMap<string, number>;
  declare _busy: ReadonlySet<string>;
  declare _failure: unknown;
  declare _ask: Confirmation | undefined;

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
    new Follow(this, () => [live().fleet, live().descriptors]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  /** Reads the rules again. */
  async load(): Promise<void> {
    try {
      const [rules, open] = await Promise.all([allOf('GET /api/v1/alert-rules'), openByRule()]);
      this._rules = rules;
      this._open = open;
      this._failure = undefined;
    } catch (error) {
      this._failure = error;
    }
  }

  override render() {
    return html`<header>
        <h1>${msg('Rules')}</h1>
        ${may('admin') ? this.#buttons() : nothing}
      </header>
      <p class="lead quiet">
        ${msg('What counts as wrong, on which hosts. A built-in rule can be changed and switched off; each may differ for some hosts.')}
      </p>
      ${this.#body()}
      <reeve-confirm .ask=${this._ask} @done=${this.#called} @close=${this.#called}></reeve-confirm>`;
  }

  #buttons() {
    return html`<span class="buttons"><a class="button primary" href="/rules/new">${icon('plus')}${msg('Make a rule')}</a></span>`;
  }

  #body() {
    if (this._failure && !this._rules)
      return failureNotice(msg('The rules could not be read'), this._failure, { again: () => void this.load() });
    if (!this._rules) return html`<reeve-notice kind="loading" heading=${msg('Loading the rules')}></reeve-notice>`;
    return html`<reeve-table
      label=${msg('Rules')}
      .columns=${ruleColumns({
        mayChange: may('admin'),
        open: this._open,
        busy: this._busy,
        turn: (rule, isOn) => void this.#turn(rule, isOn),
        choose: (rule, action) => this.#choose(rule, action),
      })}
      .rows=${this._rules}
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
    this._rules = this._rules?.map((each) => (each.id === rule.id ? rule : each));
  }

  #choose(rule: Rule, action: string): void {
    if (action === 'edit') router.go(`/rules/${rule.id}`);
    else if (action === 'copy') router.go(`/rules/new?like=${rule.id}`);
    else this._ask = askRemoval(rule, this._open.get(rule.id) ?? 0, () => this.load());
  }

  #called(): void {
    this._ask = undefined;
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
