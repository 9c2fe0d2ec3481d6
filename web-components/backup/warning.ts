import { html, nothing } from 'lit';
import { msg } from '../msg.ts';
import '../parts/notice.ts';
import type { Section } from '../settings/extras.ts';

/** What makes backups worth less than people think, by their settings; nothing when all is well. */
export function backupWarning(section: Section | undefined) {
  const value = section?.value as { schedule?: string; passphrase?: { set: boolean } } | undefined;
  if (!value) return nothing;
  const texts = [
    ...(value.schedule === 'never' ? [msg('No backup is made by itself: choose below how often.')] : []),
    ...(value.passphrase?.set
      ? []
      : [
          msg(
            'No passphrase is set: backups hold no keys, accounts, pairings or secrets. After a loss every agent has to be paired anew.',
          ),
        ]),
  ];
  if (texts.length === 0) return nothing;
  return html`<reeve-notice kind="warning" heading=${msg('Backups are not complete')}>
    ${texts.map((text) => html`<p>${text}</p>`)}
  </reeve-notice>`;
}
