/** Tells a started program that it is not to look for a newer version: it is the one that was chosen, or on trial. */
export const ROLE = 'REEVE_AGENT_ROLE';
export const CHOSEN = 'chosen';
export const TRIAL = 'trial';
/** Version of the installed program, for one that was started in its place. */
export const INSTALLED = 'REEVE_AGENT_INSTALLED';

/** Who this process is. */
export interface Role {
  role: string | undefined;
  /** Version of the program that is installed on the machine. */
  installed: string;
}

/** Reads the role and takes it out of the environment, so that no program started from here inherits it. */
export function takeRole(env: NodeJS.ProcessEnv, version: string): Role {
  const { [ROLE]: role, [INSTALLED]: installed = version } = env;
  delete env[ROLE];
  delete env[INSTALLED];
  return { role, installed };
}

/** What a process on trial tells its parent, and is told by it. */
export const CONNECTED = 'connected';
export const END = 'end';

/** What a version says that finds everything it needs. */
export const FIT = 'fit';
