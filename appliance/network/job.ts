import type { Job } from '../jobs.ts';
import { DAY_MS, HOUR_MS } from '../spans.ts';
import type { Network } from './network.ts';

/** Reads once a day the certificates that people want to be told of. */
export const certificatesJob = (network: Network): Job => ({
  id: 'network-certificates',
  title: 'Look at certificates of devices',
  schedule: { everyMs: DAY_MS },
  timeoutMs: HOUR_MS,
  async run({ signal }) {
    const looked = await network.lookAtCertificates(signal);
    return looked === 1 ? 'Looked at 1 certificate' : `Looked at ${looked} certificates`;
  },
});
