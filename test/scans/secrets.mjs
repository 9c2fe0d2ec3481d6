// Looks for secrets in the files that git tracks. A small set of rules of our own, for what could get in here; the test beside
// it shows that each of them finds what it is for.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../image/prepare.mjs';

const RULES = [
  { rule: 'private key', pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----\s*[A-Za-z0-9+/=]{40}/ },
  { rule: 'cloud access key', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/ },
  { rule: 'code hosting token', pattern: /\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_\w{50,}\b|\bglpat-[\w-]{20,}\b/ },
  { rule: 'chat token', pattern: /\bxox[abpors]-[A-Za-z0-9-]{20,}\b/ },
  { rule: 'chat webhook', pattern: /hooks\.slack\.com\/services\/T\w{8,}\/B\w{8,}\/\w{20,}/ },
  { rule: 'registry token', pattern: /\bnpm_[A-Za-z0-9]{36}\b|:_authToken\s*=\s*[\w-]{8,}/ },
  { rule: 'model service key', pattern: /\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}\b/ },
  { rule: 'signed token', pattern: /\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}/ },
  {
    rule: 'password in an address',
    pattern: /\b[a-z][a-z0-9+]*:\/\/[^\s/:@"'`$<>{}]+:[^\s/:@"'`$<>{}]{6,}@[a-z0-9.-]+/i,
  },
];

/** What stands on a line that is known to be harmless; say on the same line why it is. */
const ALLOWED = 'not-a-secret';

/** Files whose bytes mean nothing as text. */
const BINARY = /\.(png|jpg|ico|gz|br|zst|db|pcap)$/;

/** What the rules find in a text: the line, counted from 1, and the rule. */
export function secretsIn(text) {
  return RULES.flatMap(({ rule, pattern }) =>
    [...text.matchAll(new RegExp(pattern, 'g'))].flatMap(({ index }) => {
      const line = text.slice(0, index).split('\n').length;
      return text.split('\n')[line - 1].includes(ALLOWED) ? [] : [{ line, rule }];
    }),
  );
}

const git = (...parameters) => execFileSync('git', parameters, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64e6 });

/** Scans the files that git tracks, or only those that are staged; each find has its place and rule. Nothing outside a checkout. */
export function scanForSecrets({ staged = false } = {}) {
  if (!existsSync(join(ROOT, '.git'))) return [];
  const list = staged ? git('diff', '--cached', '--name-only', '--diff-filter=ACMR', '-z') : git('ls-files', '-z');
  return list
    .split('\0')
    .filter((file) => file && !BINARY.test(file) && existsSync(join(ROOT, file)))
    .flatMap((file) => {
      const text = staged ? git('show', `:${file}`) : readFileSync(join(ROOT, file), 'utf8');
      return secretsIn(text).map(({ line, rule }) => ({ place: `${file}:${line}`, rule }));
    });
}
