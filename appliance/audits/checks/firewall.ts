import { isOpen } from '../parse/network.ts';
import { type Check, found, NEEDS_ROOT, OK, unknown } from './check.ts';

export const firewall: Check = {
  id: 'firewall',
  title: 'No firewall filters',
  severity: 'medium',
  reason: 'Every service that is started is reached by everybody at once, also one that was started by mistake.',
  judge({ firewall, ports }) {
    if (!firewall) return unknown('the host did not say this');
    if (firewall.rules > 0 || firewall.isActive) return OK;
    if (!firewall.isReadable) return unknown(NEEDS_ROOT);
    const open = ports?.filter(isOpen).length;
    const more = open === undefined ? '' : open === 1 ? '; one port is open' : `; ${open} ports are open`;
    const loaded = firewall.what ? ` although it is loaded (${firewall.what})` : '';
    return found(
      [`There is no rule${loaded}${more}`],
      'Switch a firewall on that lets in only what is wanted: `ufw allow OpenSSH && ufw enable`, firewalld or nftables.',
    );
  },
};
