/** What an action is about: names with `*` for any run of characters, paths, commands of the agent's own file, or nothing further. */
export type TargetKind = 'services' | 'containers' | 'paths' | 'commands' | 'none';

/** Everything that an agent's own file can allow, in the order in which it is shown. Without zod: the agent and the browser load it. */
export const ACTIONS = [
  { id: 'update_agent', targets: 'none' },
  { id: 'restart_service', targets: 'services' },
  { id: 'restart_container', targets: 'containers' },
  { id: 'apply_updates', targets: 'none' },
  { id: 'clear_logs', targets: 'paths' },
  { id: 'read_logs', targets: 'paths' },
  { id: 'wake_on_lan', targets: 'none' },
  { id: 'reboot', targets: 'none' },
  { id: 'custom', targets: 'commands' },
] as const satisfies readonly { id: string; targets: TargetKind }[];

export type ActionId = (typeof ACTIONS)[number]['id'];

/** Most targets of one action. */
export const MOST_TARGETS = 64;

/** A service or container as a ceiling names it: what systemd, OpenRC, Windows and Docker allow, and `*`. */
export const TARGET_NAME = /^[A-Za-z0-9_*][A-Za-z0-9:_.@*+-]{0,199}$/;

/** A whole path without anything that a shell or a reader could take for something else; never the root itself. */
export const TARGET_PATH = /^(?:\/|[A-Za-z]:\\)[A-Za-z0-9_.@+ \\/-]{1,398}$/;
