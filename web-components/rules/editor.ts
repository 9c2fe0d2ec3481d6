import { html, LitElement, nothing } from 'lit';
import type { Rule } from '../../protocol/alerts.ts';
import type { FieldProblem } from '../../protocol/problem.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import { setTitle } from '../pages/page.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { formSchema } from '../parts/form-dialog.ts';
import { failureNotice } from '../parts/notice.ts';
import { base, buttons } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { ApiProblem, call, problemText } from '../rest.ts';
import { router } from '../router.ts';
import { may } from '../session.ts';
import { type ConflictAsk, clashes, conflictNotice } from './conflict.ts';
import { atDraft, bodyOf, changesOf, copyOf, type Draft, draftOf, NEW_RULE, type RuleBody } from './draft.ts';
import { editorStyles } from './editor-styles.ts';
import { askRemoval } from './list.ts';
import './overrides.ts';
import './preview.ts';
import './rule-form.ts';
import type { RuleForm, Typed } from './rule-form.ts';
import { ruleText } from './words.ts';

/**
 * `<reeve-rule-editor rule-id="cpu-high">`: one rule with its form, what is different for some hosts, and what it would have done; `rule-id`
 * `new` makes one, like the rule `like` if that is given.
 */
export class ReeveRuleEditor extends LitElement {
  static override properties = {
    ruleId: { type: String, attribute: 'rule-id' },
    like: { type: String },
    _rule: { state: true },
    _made: { state: true },
    _value: { state: true },
    _typed: { state: true },
    _problems: { state: true },
    _failure: { state: true },
    _unread: { state: true },
    _isBusy: { state: true },
    _conflict: { state: true },
  };
  declare ruleId: string;
  declare like: string;
  /** As it is saved; undefined for a new one. */
  declare _rule: Rule | undefined;
  declare _made: RuleForm | undefined;
  declare _value: Draft;
  declare _typed: Typed | undefined;
  declare _problems: readonly FieldProblem[];
  declare _failure: string;
  declare _unread: unknown;
  declare _isBusy: boolean;
  declare _conflict: ConflictAsk | undefined;
  readonly #dialogs = new Dialogs(this);

  static override styles = [base, buttons, editorStyles];

  constructor() {
    super();
    this.ruleId = '';
    this.like = '';
    this._value = {};
    this._isBusy = false;
    this.#settle();
    new Follow(this, () => [live().descriptors]);
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('ruleId')) void this.#load();
  }

  async #load(): Promise<void> {
    const { ruleId, like } = this;
    const isNew = ruleId === 'new';
    this._rule = undefined;
    this._made = undefined;
    this._typed = undefined;
    this._unread = undefined;
    this.#settle();
    try {
      const source = isNew ? like : ruleId;
      const [rule, conditions, form] = await Promise.all([
        source === '' ? undefined : call('GET /api/v1/alert-rules/:ruleId', { params: { ruleId: source } }),
        call('GET /api/v1/alert-conditions'),
        formSchema('alert-rule'),
        live().descriptors.ready(),
      ]);
      if (this.ruleId !== ruleId) return;
      this._made = { form, conditions, isBuiltIn: !isNew && rule?.isBuiltIn === true };
      this.#take(isNew ? undefined : rule, isNew && rule ? copyOf(rule) : (rule ?? NEW_RULE));
    } catch (error) {
      this._unread = error;
    }
  }

  #settle(): void {
    this._problems = [];
    this._failure = '';
    this._conflict = undefined;
  }

  /** Fills the form anew with what `from` says. */
  #take(rule: Rule | undefined, from: RuleBody): void {
    this._rule = rule;
    this._value = draftOf(from);
    setTitle(rule?.title ?? msg('New rule'));
  }

  override render() {
    const back = html`<p class="back"><a href="/rules">${msg('All rules')}</a></p>`;
    if (this._unread)
      return html`${back}${failureNotice(msg('The rule could not be read'), this._unread, { again: () => void this.#load() })}`;
    if (!this._made)
      return html`${back}<reeve-notice kind="loading" heading=${msg('Loading the rule')}></reeve-notice>`;
    return html`${back} ${this._rule ? this.#head(this._rule) : html`<h1>${msg('New rule')}</h1>`}
      <div class="sides ${may('admin') ? '' : 'alone'}">
        <div class="side">${this._conflict ? conflictNotice(this._conflict) : nothing} ${this.#form(this._made)} ${this.#overrides(this._made)}</div>
        ${may('admin') ? html`<aside><reeve-rule-preview .rule=${this.#tried()}></reeve-rule-preview></aside>` : nothing}
      </div>
      ${this.#dialogs.render()}`;
  }

  #head(rule: Rule) {
    const isChanged = rule.changed.length > 0 || rule.overrides.length > 0;
    const verb = rule.isBuiltIn ? msg('Reset to how it came…') : msg('Remove the rule…');
    const origin = isChanged
      ? msg('Comes with Reeve; this site changed it.')
      : msg('Comes with Reeve, and is as it came.');
    return html`<header>
        <h1>${rule.title}</h1>
        ${may('admin') && (isChanged || !rule.isBuiltIn) ? html`<button type="button" @click=${() => this.#remove(rule)}>${verb}</button>` : nothing}
      </header>
      <p class="lead quiet">
        ${ruleText(rule, live().descriptors.get(rule.metric ?? ''))}. ${rule.isBuiltIn ? origin : msg('This site’s own rule.')}
        ${rule.coveredBy ? html`${msg('Not told while a worse one is open:')} <a href="/rules/${rule.coveredBy}">${rule.coveredBy}</a>` : nothing}
      </p>`;
  }

  #form(made: RuleForm) {
    return html`<reeve-rule-form
      .made=${made}
      .value=${this._value}
      .problems=${this._problems}
      failure=${this._failure}
      verb=${this._rule ? msg('Save') : msg('Make the rule')}
      ?busy=${this._isBusy}
      @typed=${({ detail }: CustomEvent<Typed>) => {
        this._typed = detail;
      }}
      @send=${() => void this.#save()}
      @discard=${this.#settle}
    ></reeve-rule-form>`;
  }

  #overrides({ form, conditions }: RuleForm) {
    const { _rule: rule } = this;
    if (!rule)
      return html`<p class="quiet">${msg('When the rule is saved, it can be made different for hosts with a tag, or for one host.')}</p>`;
    return html`<reeve-rule-overrides
      .rule=${rule}
      .condition=${conditions.find(({ id }) => id === rule.condition.id)}
      .form=${form}
      @change=${({ detail }: CustomEvent<Rule>) => this.#overridden(detail)}
    ></reeve-rule-overrides>`;
  }

  /** What the preview tries: a title is no condition for that. */
  #tried(): RuleBody | undefined {
    if (!this._typed) return undefined;
    const { draft, condition } = this._typed;
    const body = bodyOf(draft, condition, this._rule?.overrides ?? []);
    const isWhole = typeof body.forMs === 'number' && typeof body.clearForMs === 'number';
    return isWhole ? { ...body, title: 'preview', isEnabled: true, severity: 'low' } : undefined;
  }

  async #save(over?: Rule): Promise<void> {
    if (!this._typed) return;
    const before = over ?? this._rule;
    const body = bodyOf(this._typed.draft, this._typed.condition, before?.overrides ?? []);
    this._isBusy = true;
    this.#settle();
    try {
      if (before) await this.#change(before, body);
      else await this.#make(body);
    } catch (error) {
      await this.#failed(error, body).catch((unread: unknown) => {
        this._failure = problemText(unread);
      });
    } finally {
      this._isBusy = false;
    }
  }

  async #change(before: Rule, body: RuleBody): Promise<void> {
    const params = { ruleId: before.id };
    const rule = await call('PATCH /api/v1/alert-rules/:ruleId', { params, body: changesOf(before, body) });
    this.#take(rule, rule);
    toast({ text: msg('Saved') });
  }

  async #make(body: RuleBody): Promise<void> {
    const { id } = await call('POST /api/v1/alert-rules', { body });
    toast({ text: msg('The rule was made') });
    router.go(`/rules/${id}`);
  }

  async #failed(error: unknown, mine: RuleBody): Promise<void> {
    const ruleId = this._rule?.id;
    if (!(error instanceof ApiProblem) || error.code !== 'conflict' || !ruleId) {
      this._problems = error instanceof ApiProblem ? atDraft(error.fields) : [];
      this._failure = this._problems.length > 0 ? '' : problemText(error);
      return;
    }
    const theirs = await call('GET /api/v1/alert-rules/:ruleId', { params: { ruleId } });
    this._conflict = {
      theirs,
      clashes: clashes(theirs, draftOf(mine), this._typed?.schema ?? {}),
      takeTheirs: () => {
        this.#settle();
        this.#take(theirs, theirs);
      },
      keepMine: () => void this.#save(theirs),
    };
  }

  /** What is typed stays; only the rule behind it is another one. */
  #overridden(rule: Rule): void {
    this._rule = rule;
    toast({ text: msg('Saved') });
  }

  #remove(rule: Rule): void {
    this.#dialogs.confirm(askRemoval(rule, 0, () => (rule.isBuiltIn ? this.#load() : router.go('/rules'))));
  }
}
customElements.define('reeve-rule-editor', ReeveRuleEditor);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-rule-editor': ReeveRuleEditor;
  }
}
