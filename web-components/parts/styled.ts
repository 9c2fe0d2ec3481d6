import { type ElementPart, noChange } from 'lit';
import { Directive, directive } from 'lit/directive.js';

/**
 * `<i ${styled({ left: '40%' })}>`: sets style properties through the object model. Lit's own styleMap writes the attribute at first,
 * which a content security policy without inline styles blocks.
 */
class Styled extends Directive {
  override render(_properties: Record<string, string>) {
    return noChange;
  }

  override update({ element }: ElementPart, [properties]: [Record<string, string>]) {
    const { style } = element as HTMLElement;
    for (const [name, value] of Object.entries(properties)) style.setProperty(name, value);
    return noChange;
  }
}

export const styled = directive(Styled);
