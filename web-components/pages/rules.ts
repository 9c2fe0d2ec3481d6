import { html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import { base } from '../parts/styles.ts';
import { router } from '../router.ts';
import '../rules/editor.ts';
import '../rules/list.ts';
import { setTitle } from './page.ts';

/** The rules of the site, or one of them. */
export class ReeveRulesPage extends LitElement {
  static override properties = { params: { attribute: false } };
  declare params: Record<string, string>;
  static override styles = [base];

  constructor() {
    super();
    this.params = {};
  }

  override render() {
    const { ruleId } = this.params;
    if (ruleId !== undefined)
      return html`<reeve-rule-editor rule-id=${ruleId} like=${router.query.get('like') ?? ''}></reeve-rule-editor>`;
    setTitle(msg('Rules'));
    return html`<reeve-rule-list></reeve-rule-list>`;
  }
}
customElements.define('reeve-rules-page', ReeveRulesPage);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-rules-page': ReeveRulesPage;
  }
}
