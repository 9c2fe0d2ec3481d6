// Judges the lock file: can every package be verified, may we ship it, does it want to run code at install? And, where the
// registry answers, whether something is known against it.
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../image/prepare.mjs';
import { runCommand } from '../helpers/command.mjs';

const LICENCES = [
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'Unlicense',
  'CC0-1.0',
];
/** Weak copyleft is fine for tools, which we do not ship. */
const LICENCES_OF_TOOLS = ['MPL-2.0', 'Python-2.0', 'CC-BY-4.0'];

/** The lock file does not know their licence; read in the package itself. */
const READ_BY_HAND = {
  '@seald-io/binary-search-tree': 'MIT',
  'xmlhttprequest-ssl': 'MIT',
  buildcheck: 'MIT',
  'cpu-features': 'MIT',
  ssh2: 'MIT',
};

/** Packages with an install script that may stay out, because `.npmrc` forbids scripts and they work without. */
const WORKS_WITHOUT_SCRIPT = {
  esbuild: 'the binary comes as an optional package; the script only makes its start quicker',
  ssh2: 'the script compiles ciphers that are quicker than those of Node; it has them in JavaScript too',
  'cpu-features': 'an optional part of ssh2, which only chooses the order of ciphers by it',
  fsevents: 'the binary is in the package',
  '@scarf/scarf':
    'comes with swagger-ui-dist and would only report its installation to a company, which is why scripts stay forbidden',
};

/** Installed size of everything that a user needs, in MB. More is a decision, not an accident. */
const MOST_MEGABYTES = 110;

const nameOf = (path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** `A OR B` is fine when one of them is, `A AND B` when both are. */
function isAllowed(licence, allowed) {
  const plain = licence.replace(/[()]/g, '');
  if (plain.includes(' OR ')) return plain.split(' OR ').some((one) => isAllowed(one, allowed));
  return plain.split(' AND ').every((one) => allowed.includes(one.trim()));
}

function problemsOf(path, entry) {
  const name = nameOf(path);
  const licence = entry.license ?? READ_BY_HAND[name] ?? 'none stated';
  const allowed = entry.dev ? [...LICENCES, ...LICENCES_OF_TOOLS] : LICENCES;
  return [
    !/^sha512-/.test(entry.integrity ?? '') && `${name} cannot be verified: it has no SHA-512 in the lock file`,
    entry.resolved && !/^https:\/\/[^/]+\/.*\.tgz$/.test(entry.resolved) && `${name} comes from ${entry.resolved}`,
    !isAllowed(licence, allowed) && `${name} has the licence ${licence}, which is not on the list`,
    entry.hasInstallScript && !(name in WORKS_WITHOUT_SCRIPT) && `${name} wants to run a script at install`,
  ].filter(Boolean);
}

/** What is wrong with a lock file, one sentence for each find. */
export function problemsOfLock({ packages }) {
  return Object.entries(packages).flatMap(([path, entry]) =>
    path === '' || entry.link ? [] : problemsOf(path, entry),
  );
}

/** Packages that we ship in more than one major version, as `name 1, 2`. */
export function doubledMajors({ packages }) {
  const majors = new Map();
  for (const [path, { version, dev }] of Object.entries(packages)) {
    if (path === '' || dev) continue;
    const name = nameOf(path);
    majors.set(name, (majors.get(name) ?? new Set()).add(version.split('.')[0]));
  }
  return [...majors].filter(([, set]) => set.size > 1).map(([name, set]) => `${name} ${[...set].join(', ')}`);
}

/** Bytes below a folder, without packages nested in it, which the lock file lists on their own. */
function bytesBelow(folder) {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    if (entry.name === 'node_modules') return sum;
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? bytesBelow(path) : lstatSync(path).size);
  }, 0);
}

/** What the registry knows against the packages that we ship; `stated` says why nothing could be learnt. */
async function audit() {
  const { output } = await runCommand(['npm', 'audit', '--omit=dev', '--json', '--loglevel=silent'], {
    timeoutMs: 30_000,
  });
  try {
    const answer = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
    if (!answer.vulnerabilities)
      return { problems: [], stated: `not asked: ${answer.message ?? 'the registry gave no answer'}` };
    const grave = Object.values(answer.vulnerabilities).filter(({ severity }) =>
      ['high', 'critical'].includes(severity),
    );
    return { problems: grave.map(({ name, severity }) => `${name}: known vulnerability, ${severity}`) };
  } catch {
    return { problems: [], stated: 'not asked: the registry gave no answer' };
  }
}

/** All scans of dependencies, each with its name, its problems and what should be said even when all is well. */
export async function scanDependencies() {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const shipped = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && !dev);
  const megabytes = shipped.reduce((sum, [path]) => sum + bytesBelow(join(ROOT, path)), 0) / 1e6;
  const doubled = doubledMajors(lock);
  return [
    { name: 'lock file: integrity, licences, install scripts', problems: problemsOfLock(lock) },
    {
      name: 'size of what is installed',
      problems: megabytes > MOST_MEGABYTES ? [`${megabytes.toFixed(0)} MB, more than ${MOST_MEGABYTES} MB`] : [],
      stated: `${shipped.length} packages, ${megabytes.toFixed(0)} MB; twice: ${doubled.join('; ') || 'none'}`,
    },
    { name: 'known vulnerabilities', ...(await audit()) },
  ];
}
