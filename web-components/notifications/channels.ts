import { html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import { allOf } from '../paging.ts';
import { Dialogs } from '../parts/dialogs.ts';
import '../parts/menu.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';
import '../parts/switch.ts';
import { toast } from '../parts/toast.ts';
import { ApiProblem, call, problemText, type ResponseOf } from '../rest.ts';
import './channel-dialog.ts';
import { channelStyles } from './channel-styles.ts';
import { type Channel, type ChannelKind, destination, isPlain } from './words.ts';

type Test = ResponseOf<'POST /api/v1/notification-channels/:channelId/test'>;

/** `<reeve-channels>`: where messages go: each place with its switch, what keeps it from working, and a test that shows the far end’s answer. */
export class ReeveChannels extends LitElement {
  static override properties = {
    _edited: { state: true },
    _tests: { state: true },
    _busy: { state: true },
  };
  declare _edited: { kind: ChannelKind; channel?: Channel } | undefined;
  /** By channel: what the far end said, or why it could not be asked; undefined while it is asked. */
  declare _tests: ReadonlyMap<string, Test | Error | undefined>;
  declare _busy: ReadonlySet<string>;
  readonly #channels = new Reading(this, () => allOf('GET /api/v1/notification-channels'));
  readonly #kinds = new Reading(this, async () => (await call('GET /api/v1/notification-channel-kinds')).items);
  readonly #dialogs = new Dialogs(this);

  static override styles = [base, buttons, channelStyles];

  constructor() {
    super();
    this._tests = new Map();
    this._busy = new Set();
  }

  override render() {
    return html`${this.#channels.view(
      { failed: msg('The channels could not be read'), loading: msg('Loading the channels') },
      (channels) => this.#list(channels),
    )}
      ${this.#kinds.view({ failed: msg('The kinds of channels could not be read'), loading: msg('Loading the kinds') }, (kinds) => this.#add(kinds))}
      ${this.#dialogs.render()}
      ${
        this._edited
          ? html`<reeve-channel-dialog
            .channel=${this._edited.channel}
            .kind=${this._edited.kind}
            @saved=${({ detail }: CustomEvent<Channel>) => this.#saved(detail)}
            @close=${this.#close}
          ></reeve-channel-dialog>`
          : nothing
      }`;
  }

  #list(channels: readonly Channel[]) {
    if (channels.length === 0)
      return html`<reeve-notice kind="empty" heading=${msg('Nobody is told of anything yet')}>
        <p>${msg('Set a channel up below, send a test, and alerts go there. Without routes every message goes to every channel that is on.')}</p>
      </reeve-notice>`;
    return html`<ul class="channels">
      ${channels.map((channel) => this.#item(channel))}
    </ul>`;
  }

  #item(channel: Channel) {
    const { id, name, problems, isEnabled } = channel;
    const kind = this.#kindOf(channel);
    const isTesting = this._tests.has(id) && this._tests.get(id) === undefined;
    const leads = destination(channel);
    return html`<li>
      <div class="who">
        <reeve-switch
          label=${msg('{name} is on', { name })}
          ?on=${isEnabled}
          ?busy=${this._busy.has(id)}
          @change=${({ detail }: CustomEvent<{ on: boolean }>) => void this.#turn(channel, detail.on)}
        ></reeve-switch>
        <span class="name"
          ><b>${name}</b>
          <span class="quiet">${[kind?.title ?? channel.kind, leads].filter((word) => word !== '').join(' · ')}</span></span
        >
      </div>
      <div class="does">
        <button type="button" ?disabled=${isTesting} @click=${() => void this.#test(id)}>${isTesting ? msg('Sending…') : msg('Send test')}</button>
        <reeve-menu
          label=${msg('Actions for {name}', { name })}
          .items=${[...(kind ? [{ id: 'edit', title: msg('Change…') }] : []), { id: 'remove', title: msg('Remove…'), isDanger: true }]}
          @choose=${({ detail }: CustomEvent<{ id: string }>) => this.#choose(channel, detail.id)}
        ></reeve-menu>
      </div>
      <div class="notes" role="status">
        ${problems.map(({ message }) => html`<p><reeve-state level="high" word=${msg('Does not work: {reason}', { reason: message })}></reeve-state></p>`)}
        ${isPlain(channel) ? html`<p><reeve-state level="warning" word=${msg('Not encrypted: whoever listens on the way reads the messages')}></reeve-state></p>` : nothing}
        ${this.#outcome(id)}
      </div>
    </li>`;
  }

  #outcome(channelId: string) {
    const found = this._tests.get(channelId);
    if (!found) return nothing;
    if (found instanceof Error)
      return html`<p><reeve-state level="warning" word=${problemText(found)}></reeve-state></p>`;
    const { hasArrived, answer, tookMs } = found;
    const word = hasArrived
      ? msg('Arrived after {ms} ms', { ms: tookMs })
      : msg('Did not arrive ({ms} ms)', { ms: tookMs });
    return html`<p><reeve-state level=${hasArrived ? 'ok' : 'critical'} word=${word}></reeve-state></p>
      ${answer === '' ? nothing : html`<p class="answer"><span class="quiet">${msg('The far end said:')}</span> ${answer}</p>`}`;
  }

  #add(kinds: readonly ChannelKind[]) {
    return html`<section>
      <h2>${msg('Set a channel up')}</h2>
      <div class="kinds">
        ${kinds.map((kind) => html`<button type="button" @click=${() => this.#edit(kind)}>${kind.title}…</button>`)}
      </div>
    </section>`;
  }

  #kindOf(channel: Channel): ChannelKind | undefined {
    return this.#kinds.value?.find(({ id }) => id === channel.kind);
  }

  #edit(kind: ChannelKind, channel?: Channel): void {
    this._edited = { kind, ...(channel && { channel }) };
  }

  #close(): void {
    this._edited = undefined;
  }

  #saved(channel: Channel): void {
    const isNew = this._edited?.channel === undefined;
    this._edited = undefined;
    this.#put(channel);
    toast({ text: isNew ? msg('{name} is set up: send a test', { name: channel.name }) : msg('Saved') });
  }

  #put(channel: Channel): void {
    const all = this.#channels.value ?? [];
    const isThere = all.some(({ id }) => id === channel.id);
    this.#channels.set(isThere ? all.map((each) => (each.id === channel.id ? channel : each)) : [...all, channel]);
  }

  async #turn(channel: Channel, isEnabled: boolean): Promise<void> {
    const { id, rev, name, value } = channel;
    this._busy = new Set([...this._busy, id]);
    try {
      const body = { rev, name, isEnabled, value };
      this.#put(await call('PUT /api/v1/notification-channels/:channelId', { params: { channelId: id }, body }));
    } catch (error) {
      toast({ text: problemText(error) });
      if (error instanceof ApiProblem && error.code === 'conflict') await this.#channels.load();
    } finally {
      this._busy = new Set([...this._busy].filter((each) => each !== id));
    }
  }

  async #test(channelId: string): Promise<void> {
    const put = (found: Test | Error | undefined) => {
      this._tests = new Map([...this._tests, [channelId, found]]);
    };
    put(undefined);
    try {
      put(await call('POST /api/v1/notification-channels/:channelId/test', { params: { channelId } }));
    } catch (error) {
      put(error instanceof Error ? error : new Error(problemText(error)));
    }
  }

  #choose(channel: Channel, action: string): void {
    const kind = this.#kindOf(channel);
    if (action === 'edit' && kind) this.#edit(kind, channel);
    else this.#askRemove(channel);
  }

  #askRemove(channel: Channel): void {
    this.#dialogs.confirm({
      heading: msg('Remove {name}?', { name: channel.name }),
      consequences: [
        msg('Its address and its secrets; they cannot be brought back.'),
        msg('Messages that wait for it are given up.'),
        msg('Routes that name it lead there no more.'),
      ],
      verb: msg('Remove the channel'),
      act: async () => {
        await call('DELETE /api/v1/notification-channels/:channelId', { params: { channelId: channel.id } });
        await this.#channels.load();
      },
    });
  }
}
customElements.define('reeve-channels', ReeveChannels);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-channels': ReeveChannels;
  }
}
