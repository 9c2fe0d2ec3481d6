/** What the script of CONF-4 is told about the appliance that hands it out. */
export interface HostScriptTarget {
  /** Origin, as `https://reeve.local:8443`. */
  hub: string;
  /** SHA-256 of the leaf's SPKI, standard base64. */
  pin: string;
}

/**
 * The script that registers a host for audits over SSH. Run again it changes nothing that is right already: one user, one line in its
 * authorized_keys. The user has no password, and its key may neither forward, nor have a terminal, nor come from elsewhere.
 */
export function hostScript({ hub, pin }: HostScriptTarget): string {
  return SCRIPT.replaceAll('@HUB@', hub).replaceAll('@PIN@', pin);
}

const SCRIPT = String.raw`#!/bin/sh
# Registers this host for Reeve's audits over SSH. It makes the user "reeve" (REEVE_USER), who has no password and no rights beyond
# those of any user, and writes one key into its authorized_keys, with the options "restrict" and "from". Run it as often as you like.
#   REEVE_CODE   the code out of the dashboard
#   REEVE_NAME   name of this host in Reeve; its host name else
#   REEVE_PORT   port of the SSH server; 22 else
# "sh audit-host.sh remove" takes user and key away.
set -eu
hub='@HUB@'
pin='@PIN@'
user=$(printenv REEVE_USER || echo reeve)
port=$(printenv REEVE_PORT || echo 22)
name=$(printenv REEVE_NAME || uname -n | cut -d. -f1)
code=$(printenv REEVE_CODE || true)
root=$(printenv REEVE_ROOT || true)
say() { printf '%s\n' "$1"; }
stop() { printf 'reeve: %s\n' "$1" >&2; exit 1; }
case $user in *[!a-z0-9_-]*|''|-*) stop "REEVE_USER: use small letters, digits, _ and -";; esac
case $port in *[!0-9]*|'') stop "REEVE_PORT: write a number";; esac
case $name in *[!A-Za-z0-9._-]*|'') stop "REEVE_NAME: use letters, digits, . _ and -";; esac
[ "$(id -u)" = 0 ] || stop "run this as root: sudo REEVE_CODE=... sh"
known() { grep -q "^$user:" "$root/etc/passwd"; }
home_of() { grep "^$user:" "$root/etc/passwd" | cut -d: -f6; }

if [ "$(printf '%s' "$*")" = remove ]; then
  known || { say "There is no user $user"; exit 0; }
  h=$(home_of)
  [ -f "$root$h/.reeve-audit" ] || stop "the user $user was not made by this script: remove it yourself"
  if command -v userdel >/dev/null 2>&1; then userdel "$user"; else deluser "$user"; fi
  rm -rf "$root$h"
  say "The user $user is removed. Remove the target in Reeve, too."
  exit 0
fi

[ -n "$code" ] || stop "REEVE_CODE: give the code out of the dashboard"
command -v curl >/dev/null 2>&1 || stop "install curl first"
keys=
for f in "$root"/etc/ssh/ssh_host_*_key.pub; do
  [ -r "$f" ] || continue
  line=$(cut -d' ' -f1,2 "$f" | head -n 1)
  case $line in *'"'*|*'\'*) continue;; esac
  keys=$keys$(printf ',"%s"' "$line")
done
[ -n "$keys" ] || stop "no host key of an SSH server was found in /etc/ssh: install openssh-server first"
keys=$(printf '%s' "$keys" | cut -c2-)

ask() {
  printf '{"code":"%s","name":"%s","port":%s,"user":"%s","hostKeys":[%s],"step":"%s"}' "$code" "$name" "$port" "$user" "$keys" "$1" |
    curl -fsSk --pinnedpubkey "sha256//$pin" -H 'content-type: application/json' --data-binary @- "$hub/api/v1/audit-joins/redeem"
}
field() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'; }

answer=$(ask begin) || stop "Reeve refused: the code is wrong or older than 30 minutes"
key=$(printf '%s' "$answer" | field publicKey)
from=$(printf '%s' "$answer" | field from)
case $key in ssh-*) ;; *) stop "Reeve answered without a key";; esac

if known; then
  h=$(home_of)
  [ -f "$root$h/.reeve-audit" ] || stop "there is a user $user that this script has not made: give another name in REEVE_USER"
  say "The user $user is there already"
else
  h=/var/lib/reeve-audit
  # "*" and not "!": a locked account would be refused with its key, too, where sshd does without PAM.
  if command -v useradd >/dev/null 2>&1; then
    useradd --system --home-dir "$h" --create-home --shell /bin/sh --password '*' "$user"
  else
    adduser -S -D -H -h "$h" -s /bin/sh "$user"
    mkdir -p "$root$h"
    sed -i "s/^$user:!:/$user:*:/" "$root/etc/shadow"
  fi
  say "The user $user is made"
fi
mkdir -p "$root$h/.ssh"
touch "$root$h/.reeve-audit"
options=restrict
[ -n "$from" ] && options="from=\"$from\",$options"
body=$(printf '%s' "$key" | cut -d' ' -f2)
f=$root$h/.ssh/authorized_keys
touch "$f"
{ grep -vF "$body" "$f" || true; printf '%s %s\n' "$options" "$key"; } >"$f.new"
mv "$f.new" "$f"
chown -R "$user" "$root$h"
chmod 700 "$root$h/.ssh"
chmod 600 "$f"
say "The key may sign in: $options"
ask done >/dev/null || stop "Reeve did not take the host: run this again"
say "$name is registered. Look under Audits in Reeve."
`;
