import * as z from 'zod/mini';
import type { Run } from '../../programs.ts';
import type { Updates } from '../packages.ts';
import { shellArguments } from './shell.ts';

/** Asks Windows Update for what its own last search has found (`Online` is off): nothing is fetched. Security updates go by the id of their category. */
const SCRIPT = `$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$searcher = (New-Object -ComObject Microsoft.Update.Session).CreateUpdateSearcher()
$searcher.Online = $false
$found = @($searcher.Search('IsInstalled=0 and IsHidden=0').Updates)
$security = @($found | Where-Object { @($_.Categories | Where-Object { $_.CategoryID -eq '0fa1201d-4330-4fa8-8ae9-b877473b6441' }).Count -gt 0 })
$reboot = (New-Object -ComObject Microsoft.Update.SystemInfo).RebootRequired
$last = (New-Object -ComObject Microsoft.Update.AutoUpdate).Results.LastSearchSuccessDate
ConvertTo-Json -Compress -InputObject @{ pending = $found.Count; security = $security.Count; reboot = [bool]$reboot; searched = if ($last) { $last.ToString('o') } else { $null } }`;

const said = z.object({
  pending: z.int().check(z.gte(0)),
  security: z.int().check(z.gte(0)),
  reboot: z.boolean(),
  searched: z.optional(z.nullable(z.string())),
});

export interface SystemUpdates extends Updates {
  needsRestart: boolean | undefined;
  /** When the system itself has looked last, epoch ms. */
  listedAt: number | undefined;
}

/** Reads the one object that the script prints. Throws what is wrong with it. */
export function parseUpdates(output: string): SystemUpdates {
  const { pending, security, reboot, searched } = said.parse(JSON.parse(output.trim()));
  // The date is in UTC, and carries no zone.
  const at = searched ? Date.parse(/[Zz]|[+-]\d\d:\d\d$/.test(searched) ? searched : `${searched}Z`) : Number.NaN;
  return { pending, security, needsRestart: reboot, listedAt: Number.isFinite(at) ? at : undefined };
}

const LIMIT_MS = 180_000;

/** By a shell of its own, once a day: the search takes long, and the others must not wait for it. */
export async function askWindowsUpdate(run: Run): Promise<SystemUpdates> {
  const { output, errors, code } = await run({
    command: 'powershell.exe',
    args: shellArguments(SCRIPT),
    limitMs: LIMIT_MS,
  });
  if (code !== 0)
    throw new Error(`Windows Update: ${errors.replace(/\s+/g, ' ').trim().slice(0, 200) || `code ${code}`}`);
  return parseUpdates(output);
}
