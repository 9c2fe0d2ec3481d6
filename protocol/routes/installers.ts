import { z } from 'zod';
import { route } from '../route.ts';

/** The agent as one file, run by the host's own Node; the line in the dashboard pins the appliance's key. */
export const agentScript = route({
  id: 'agents.script',
  method: 'GET',
  path: '/agent.cjs',
  access: 'public',
  site: 'none',
  summary: 'Downloads the agent',
  answer: 'text/javascript',
  errors: ['not-found'],
});

/** For a shell; everything it fetches is compared with hashes that stand in it. */
export const installShell = route({
  id: 'agents.installShell',
  method: 'GET',
  path: '/install.sh',
  access: 'public',
  site: 'none',
  summary: 'Downloads the installer of the agent for Linux and macOS',
  answer: 'text/x-shellscript',
  errors: ['not-found'],
});

export const installPowerShell = route({
  id: 'agents.installPowerShell',
  method: 'GET',
  path: '/install.ps1',
  access: 'public',
  site: 'none',
  summary: 'Downloads the installer of the agent for Windows',
  answer: 'text/plain',
  errors: ['not-found'],
});

export const agentExecutable = route({
  id: 'agents.executable',
  method: 'GET',
  path: '/agent/:file',
  access: 'public',
  site: 'none',
  summary: 'Downloads the agent as a packed executable that needs no Node',
  params: z.object({ file: z.string().regex(/^[a-z0-9]+-[a-z0-9]+\.(?:gz|xz)$/, 'say it as linux-x64.xz') }),
  answer: 'application/octet-stream',
  media: ['application/octet-stream'],
  errors: ['not-found', 'invalid-request'],
});

export const installersRoutes = [agentScript, installShell, installPowerShell, agentExecutable] as const;
