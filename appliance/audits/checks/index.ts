import { changedAccounts } from './changed-accounts.ts';
import type { Check } from './check.ts';
import { clock } from './clock.ts';
import { containers } from './containers.ts';
import { cpuVulnerabilities } from './cpu-vulnerabilities.ts';
import { diskHealth } from './disk-health.ts';
import { emptyPasswords } from './empty-passwords.ts';
import { endOfLife } from './end-of-life.ts';
import { failedLogins } from './failed-logins.ts';
import { failedServices } from './failed-services.ts';
import { fileModes } from './file-modes.ts';
import { firewall } from './firewall.ts';
import { fullDisks } from './full-disks.ts';
import { insecureServices } from './insecure-services.ts';
import { kernelSettings } from './kernel-settings.ts';
import { logging } from './logging.ts';
import { networkSettings } from './network-settings.ts';
import { newPorts } from './new-ports.ts';
import { newSshKeys } from './new-ssh-keys.ts';
import { openPorts } from './open-ports.ts';
import { packageLists } from './package-lists.ts';
import { rebootRequired } from './reboot-required.ts';
import { secondRoot } from './second-root.ts';
import { securityUpdates } from './security-updates.ts';
import { sshAlgorithms } from './ssh-algorithms.ts';
import { sshPasswords } from './ssh-passwords.ts';
import { sshRootLogin } from './ssh-root-login.ts';
import { sshWeakKeys } from './ssh-weak-keys.ts';
import { sudoWithoutPassword } from './sudo-without-password.ts';
import { unattendedUpdates } from './unattended-updates.ts';
import { weakHashes } from './weak-hashes.ts';

/** Every check. */
export const checks: readonly Check[] = [
  changedAccounts,
  clock,
  containers,
  cpuVulnerabilities,
  diskHealth,
  emptyPasswords,
  endOfLife,
  failedLogins,
  failedServices,
  fileModes,
  firewall,
  fullDisks,
  insecureServices,
  kernelSettings,
  logging,
  networkSettings,
  newPorts,
  newSshKeys,
  openPorts,
  packageLists,
  rebootRequired,
  secondRoot,
  securityUpdates,
  sshAlgorithms,
  sshPasswords,
  sshRootLogin,
  sshWeakKeys,
  sudoWithoutPassword,
  unattendedUpdates,
  weakHashes,
];
