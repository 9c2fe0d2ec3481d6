import { css, html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import '../parts/dialog.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import '../parts/notice.ts';
import { Sending } from '../parts/sending.ts';
import '../parts/settings-form.ts';
import { base } from '../parts/styles.ts';
import { call } from '../rest.ts';
import { may } from '../session.ts';
import { atChannel, channelSchema, channelValues, sentChannel } from './channel-form.ts';
import type { Channel, ChannelKind } from './words.ts';

const EXAMPLE = `$\{SMTP_PASSWORD}`;

/**
 * `<reeve-channel-dialog .kind=${kind} .channel=${channel}>`: sets a channel up, or changes one. Secrets are never shown again: what is not
 * typed anew stays. Event `saved` with the channel, `close` when it was called off.
 */
export class ReeveChannelDialog extends LitElement {
  static override properties = {
    kind: { attribute: false },
    channel: { attribute: false },
    _form: { state: true },
  };
  declare kind: ChannelKind | undefined;
  /** Undefined for a new one. */
  declare channel: Channel | undefined;
  declare _form: { schema: JsonSchema; value: Record<string, unknown> } | undefined;
  readonly #sending = new Sending(this);

  static override styles = [
    base,
    css`
      .body {
        display: grid;
        gap: 16px;
      }
    `,
  ];

  override willUpdate(changed: Map<string, unknown>): void {
    const { kind, channel } = this;
    if (changed.has('kind')) this._form = kind && { schema: channelSchema(kind), value: channelValues(channel, kind) };
  }

  #close(): void {
    if (!this.#sending.isBusy) this.dispatchEvent(new CustomEvent('close'));
  }

  async #send(values: Record<string, unknown>): Promise<void> {
    const { kind, channel } = this;
    if (!kind) return;
    const sent = sentChannel(values, kind);
    await this.#sending.run(async () => {
      const saved = channel
        ? await call('PUT /api/v1/notification-channels/:channelId', {
            params: { channelId: channel.id },
            body: { rev: channel.rev, isEnabled: channel.isEnabled, ...sent },
          })
        : await call('POST /api/v1/notification-channels', { body: { kind: kind.id, ...sent } });
      this.dispatchEvent(new CustomEvent('saved', { detail: saved }));
    }, atChannel);
  }

  override render() {
    const { kind, channel, _form: form } = this;
    if (!kind || !form) return nothing;
    const heading = channel
      ? msg('Change {name}', { name: channel.name })
      : msg('New channel: {kind}', { kind: kind.title });
    return html`<reeve-dialog heading=${heading} open @close=${this.#close}>
      <div class="body">
        ${
          may('owner')
            ? html`<p class="quiet">${msg('A text may refer to a variable of the appliance’s environment, as {example}.', { example: EXAMPLE })}</p>`
            : nothing
        }
        <reeve-form
          .schema=${form.schema}
          .value=${form.value}
          .problems=${this.#sending.problems}
          failure=${this.#sending.failure}
          verb=${channel ? msg('Save') : msg('Set it up')}
          ?busy=${this.#sending.isBusy}
          @send=${({ detail }: CustomEvent<Record<string, unknown>>) => void this.#send(detail)}
          ><reeve-action slot="actions" @click=${this.#close}>${msg('Cancel')}</reeve-action></reeve-form
        >
      </div>
    </reeve-dialog>`;
  }
}
customElements.define('reeve-channel-dialog', ReeveChannelDialog);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-channel-dialog': ReeveChannelDialog;
  }
}
