import { html, nothing } from 'lit';
import type { DeviceDetail } from '../../protocol/network.ts';
import { NOTHING } from '../format.ts';
import { msg } from '../msg.ts';
import '../parts/state-icon.ts';
import '../parts/time.ts';
import { may } from '../session.ts';

const fact = (title: string, value: unknown) => html`<div>
  <dt>${title}</dt>
  <dd>${value}</dd>
</div>`;

/** Which addresses it had, and until when. */
export function addressesPart({ addresses }: DeviceDetail) {
  if (addresses.length === 0) return nothing;
  return html`<section>
    <h2>${msg('Addresses')}</h2>
    <ul>
      ${addresses.map(
        ({ ip, mac, firstAt, lastAt }) => html`<li>
          <span class="value">${ip}</span> <span class="value quiet">${mac ?? nothing}</span>
          <span class="quiet">${msg('first')} <reeve-time .at=${firstAt}></reeve-time> · ${msg('last')} <reeve-time .at=${lastAt}></reeve-time></span>
        </li>`,
      )}
    </ul>
  </section>`;
}

/** What a device is, and where that is known from. */
export function aboutPart(device: DeviceDetail) {
  const { names, services, model, ipv6, macs, address, note, firstSeenAt, presenceText, conflict } = device;
  return html`<section>
      <h2>${msg('About it')}</h2>
      <dl>
        ${fact(msg('State'), presenceText)}
        ${fact(msg('Address'), html`<span class="value">${address ?? NOTHING}</span>`)}
        ${conflict === undefined ? nothing : fact(msg('Also has it'), html`<reeve-state level="high" word=${conflict}></reeve-state>`)}
        ${fact(
          msg('Network cards'),
          macs.map(
            ({ mac, vendor, isRandom }) =>
              html`<div><span class="value">${mac}</span> <span class="quiet">${vendor ?? (isRandom ? msg('random, made up by the device') : msg('unknown vendor'))}</span></div>`,
          ),
        )}
        ${
          ipv6.length === 0
            ? nothing
            : fact(
                msg('IPv6'),
                ipv6.map((ip) => html`<div class="value">${ip}</div>`),
              )
        }
        ${
          names.length === 0
            ? nothing
            : fact(
                msg('Calls itself'),
                names.map(({ source, name }) => html`<div>${name} <span class="quiet">${source}</span></div>`),
              )
        }
        ${model === undefined ? nothing : fact(msg('Model'), model)}
        ${services.length === 0 ? nothing : fact(msg('Offers'), services.join(', '))}
        ${note === undefined ? nothing : fact(msg('Note'), note)}
        ${fact(msg('First seen'), html`<reeve-time .at=${firstSeenAt}></reeve-time>`)}
      </dl>
      ${names.length > 0 || model !== undefined ? html`<p class="quiet">${msg('Names and models are what the device says of itself; nothing of it is proven.')}</p>` : nothing}
    </section>`;
}

/** What people are told of a device. */
export function toldText({ tellGone, fixedAddress, watchCertificates }: DeviceDetail): string {
  const says = [
    tellGone ? msg('when it is gone') : '',
    fixedAddress === undefined ? '' : msg('when another device has {address}', { address: fixedAddress }),
    watchCertificates ? msg('before its certificates expire') : '',
  ].filter(Boolean);
  return says.length === 0 ? msg('Nothing is told of it.') : msg('Told: {what}.', { what: says.join(', ') });
}

/** The devices that turned out to be this one; `split` hears which is to be taken apart again. */
export function mergedPart({ merged }: DeviceDetail, split: (id: string) => void) {
  if (merged.length === 0) return nothing;
  return html`<section>
    <h2>${msg('Also seen as')}</h2>
    <ul>
      ${merged.map(
        (each) => html`<li>
          <p>${each.title} <span class="value quiet">${each.macs.join(', ')}</span></p>
          <p class="quiet">${each.why}</p>
          ${may('operator') ? html`<button type="button" @click=${() => split(each.id)}>${msg('Take apart')}</button>` : nothing}
        </li>`,
      )}
    </ul>
  </section>`;
}
