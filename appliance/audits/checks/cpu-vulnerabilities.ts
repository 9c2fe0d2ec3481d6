import { type Check, found, unknown } from './check.ts';

export const cpuVulnerabilities: Check = {
  id: 'cpu-vulnerabilities',
  title: 'Holes of the processor are open',
  severity: 'low',
  reason: 'A program on the host, also one in a container or virtual machine, can read what others have in memory.',
  judge({ cpuBugs }) {
    if (!cpuBugs) return unknown('the kernel does not say this');
    const lines = Object.entries(cpuBugs).flatMap(([name, state]) =>
      /^Vulnerable/.test(state) ? [`${name}: ${state.slice(0, 160)}`] : [],
    );
    return found(
      lines,
      'Install the microcode (intel-microcode, amd64-microcode) and kernel of today; take `mitigations=off` out of the kernel’s command line. In a virtual machine the machine below has to be updated.',
    );
  },
};
