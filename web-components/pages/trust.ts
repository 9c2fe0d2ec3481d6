import { css, html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import { base, buttons } from '../parts/styles.ts';

interface System {
  name: string;
  steps: readonly string[];
}

const systems = (): readonly System[] => [
  {
    name: 'Windows',
    steps: [
      msg('Open the downloaded file reeve-ca.crt and choose Install Certificate.'),
      msg(
        'Choose Current User, then Place all certificates in the following store: Trusted Root Certification Authorities.',
      ),
      msg('Confirm, and start the browser anew.'),
    ],
  },
  {
    name: 'macOS',
    steps: [
      msg('Open the downloaded file: Keychain Access takes it into the login keychain.'),
      msg('Open the entry Reeve there, then Trust, and choose Always Trust.'),
    ],
  },
  {
    name: 'iPhone, iPad',
    steps: [
      msg('Open the file in Safari and allow the profile; install it in Settings, General, VPN & Device Management.'),
      msg('Switch it on in Settings, General, About, Certificate Trust Settings.'),
    ],
  },
  {
    name: 'Android',
    steps: [
      msg(
        'Settings, Security, More security settings, Encryption & credentials, Install a certificate, CA certificate.',
      ),
      msg('Choose the file reeve-ca.crt.'),
    ],
  },
  {
    name: 'Linux',
    steps: [
      msg('Debian, Ubuntu: copy the file to /usr/local/share/ca-certificates/ and run sudo update-ca-certificates.'),
      msg('Fedora: copy it to /etc/pki/ca-trust/source/anchors/ and run sudo update-ca-trust.'),
      msg('Chrome and Chromium: Settings, Privacy and security, Security, Manage certificates, Authorities, Import.'),
    ],
  },
  {
    name: 'Firefox',
    steps: [
      msg(
        'It has a list of its own on every system: Settings, Privacy & Security, Certificates, View Certificates, Authorities, Import.',
      ),
      msg('Choose the file and tick: trust this authority to identify websites.'),
    ],
  },
];

/** How a device comes to believe the appliance's certificates. */
export class ReeveTrustPage extends LitElement {
  static override properties = { params: { attribute: false } };
  declare params: Record<string, string>;

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: grid;
        gap: 16px;
        max-width: 720px;
        justify-items: start;
      }
      section {
        display: grid;
        gap: 4px;
        overflow-wrap: anywhere;
      }
      ol {
        display: grid;
        gap: 4px;
        padding-left: 20px;
        list-style: decimal;
      }
    `,
  ];

  override render() {
    return html`<h1>${msg('Trust this appliance')}</h1>
      <p>${msg('The appliance makes its certificates itself, because no public authority gives any for names and addresses of a home network. A device that holds the certificate of its authority shows no warning, and notices when somebody else stands in between.')}</p>
      <a class="button primary" href="/ca.crt" download="reeve-ca.crt">${msg('Download the certificate')}</a>
      <p class="quiet">${msg('Download it on a network that you trust: whoever could replace this file could replace the appliance. It holds nothing secret.')}</p>
      ${systems().map(({ name, steps }) => html`<section><h2>${name}</h2><ol>${steps.map((step) => html`<li>${step}</li>`)}</ol></section>`)}
      <section>
        <h2>${msg('After that')}</h2>
        <p>${msg('Open the appliance over HTTPS. When all your devices do, an owner can switch on HTTPS only in the settings.')}</p>
      </section>`;
  }
}
customElements.define('reeve-trust-page', ReeveTrustPage);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-trust-page': ReeveTrustPage;
  }
}
