import { msg } from '../msg.ts';

/** What an action of a ceiling means, as a sentence that its targets end; its id for one that this dashboard does not know. */
export function actionWords(action: string): string {
  const words: Record<string, string> = {
    update_agent: msg('Update itself when an admin says so'),
    restart_service: msg('Restart services'),
    restart_container: msg('Restart containers'),
    apply_updates: msg('Install updates of the system'),
    clear_logs: msg('Clear logs below'),
    read_logs: msg('Hand over logs below'),
    wake_on_lan: msg('Wake other machines (Wake-on-LAN)'),
    reboot: msg('Reboot the machine'),
    custom: msg('Run commands of its own file'),
  };
  return words[action] ?? action;
}

/** Targets as people read them: a `*` alone is all of them. */
export const targetsText = (targets: readonly string[]): string =>
  targets.map((target) => (target === '*' ? msg('all') : target)).join(', ');
