#!/bin/sh
# sudo sh image/setup.sh: makes this machine a Reeve appliance that runs as a service, out of the folder of sources that this file is in.
# It looks what is there, asks, and does only what is missing; it can be stopped at any moment and run again. docs/install.md tells more.
set -eu
umask 022

ROOT=$(cd "$(dirname "$0")/.." && pwd)
ACCOUNT=reeve
PROGRAM=/usr/local/lib/reeve
COMMAND=/usr/local/bin/reeve
UNIT=/etc/systemd/system/reeve.service
PLACE=/etc/systemd/system/reeve.service.d/place.conf
SETTINGS=/etc/reeve/appliance.env
USUAL_DATA=/var/lib/reeve
LEAST_NODE=20.19
# Stands while a change has not reached the running service: whoever is stopped in between restarts it the next time.
RESTART=/run/reeve-setup.restart
LOG=/var/log/reeve-setup-$(date +%Y-%m-%d-%H%M%S).log
YES=
REMOVE_DATA=
DONE=0

say() { printf '%s\n' "$*"; printf '%s\n' "$*" >>"$LOG" 2>/dev/null || true; }
fail() { say "reeve: $*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }
done_now() { DONE=$((DONE + 1)); say "  done: $*"; }
# What it says goes to the log; when it fails, its last lines are shown too.
quietly() {
  if "$@" >>"$LOG" 2>&1; then return 0; fi
  tail -n 5 "$LOG" >&2
  fail "$1 did not succeed; everything that it said is in $LOG. Mend that and run this again: it goes on where it is."
}

usage() {
  printf '%s\n' 'Usage: setup.sh [--yes] [--data FOLDER] [--http-port N] [--https-port N] | --uninstall [--remove-data] [--yes]' \
    '  --yes          asks nothing and takes what is set already, else the defaults' \
    '  --data         folder for everything that it keeps, /var/lib/reeve by default' \
    '  --http-port    for browsers, 8080 by default; --https-port for agents, 8443 by default' \
    '  --uninstall    takes the service and its program away; data, settings and account stay' \
    '  --remove-data  with --uninstall: these too'
}

look_around() {
  [ "$(id -u)" = 0 ] || { echo 'reeve: this needs root: put sudo before sh, or run it as root.' >&2; exit 1; }
  [ -d /run/systemd/system ] || fail 'there is no systemd here, so nothing would start it again. Run it as a container, or with npm start under whatever starts services here.'
  has flock || fail 'this needs flock, of the package util-linux.'
  exec 9>/run/reeve-setup.lock
  flock -n 9 || fail 'another setup.sh is at work here.'
  trap 'say "Stopped. Run it again: it goes on where it is."; exit 130' INT TERM HUP
}

# set_already NAME DEFAULT: what the settings of the service say.
set_already() {
  found=
  if [ -e "$SETTINGS" ]; then found=$(sed -n "s/^$1=//p" "$SETTINGS" | tail -n 1); fi
  printf '%s' "${found:-$2}"
}

# ask WORDS DEFAULT: the answer is in $ANSWER.
ask() {
  ANSWER=$2
  if [ -n "$YES" ]; then return 0; fi
  (: </dev/tty) 2>/dev/null || fail 'nobody is here to ask: --yes takes the defaults.'
  printf '%s [%s] ' "$1" "$2" >/dev/tty
  read -r ANSWER </dev/tty || ANSWER=
  ANSWER=${ANSWER:-$2}
}

check_port() {
  case $2 in *[!0-9]* | '' | ??????*) fail "$1 is a number from 1024 to 65535; it is $2." ;; esac
  if [ "$2" -lt 1024 ] || [ "$2" -gt 65535 ]; then
    fail "$1 is a number from 1024 to 65535; it is $2. Lower ones belong to root: let a reverse proxy have them."
  fi
}

check_data() {
  case $1 in
    /home/* | /root/* | /tmp/* | /var/tmp/* | /run/* | /proc/* | /sys/* | /dev/*) fail "the service cannot use $1: take a folder such as /srv/reeve." ;;
    *[!A-Za-z0-9/._-]* | */../* | */..) fail "the folder $1 may hold letters, digits, dots, dashes and underscores only." ;;
    /*) ;;
    *) fail "say the folder from the top, as /srv/reeve; it is $1." ;;
  esac
  if [ -d "$1" ] && [ -n "$(find "$1" -mindepth 1 -maxdepth 1 ! -name lost+found)" ] && [ ! -e "$1/format.json" ] && [ "$(stat -c %U "$1")" != "$ACCOUNT" ]; then
    fail "$1 holds something that is not Reeve's: take an empty folder."
  fi
}

choose() {
  say 'What is wanted'
  old=$(set_already REEVE_DATA "$USUAL_DATA")
  DATA=${DATA:-}
  if [ -z "$DATA" ]; then ask 'Folder for its data' "$old"; DATA=$ANSWER; fi
  check_data "$DATA"
  if [ "$DATA" != "$old" ] && [ -e "$old/format.json" ]; then
    fail "the data is in $old. To move it: systemctl stop reeve, mv $old $DATA, set REEVE_DATA=$DATA in $SETTINGS, and run this again."
  fi
  if [ -z "${HTTP_PORT:-}" ]; then ask 'Port for browsers' "$(set_already REEVE_HTTP_PORT 8080)"; HTTP_PORT=$ANSWER; fi
  check_port 'the port for browsers' "$HTTP_PORT"
  if [ -z "${HTTPS_PORT:-}" ]; then ask 'Port for agents, and for browsers over HTTPS' "$(set_already REEVE_HTTPS_PORT 8443)"; HTTPS_PORT=$ANSWER; fi
  check_port 'the port for agents' "$HTTPS_PORT"
  [ "$HTTP_PORT" != "$HTTPS_PORT" ] || fail "both ports are $HTTP_PORT: take two."
  say "  data in $DATA, ports $HTTP_PORT and $HTTPS_PORT"
}

# A Node for everybody on this machine that is new enough: sets NODE, or leaves it empty.
find_node() {
  NODE=
  for each in "$(command -v node || true)" /usr/bin/node /usr/local/bin/node; do
    # What lies in somebody's home is theirs, and the service does not see it.
    case $each in '' | /home/* | /root/*) continue ;; esac
    [ -x "$each" ] || continue
    if "$each" -e 'const [a, b] = process.versions.node.split(".").map(Number), [c, d] = process.argv[1].split(".").map(Number); process.exit(a > c || (a === c && b >= d) ? 0 : 1)' "$LEAST_NODE" 2>/dev/null; then
      NODE=$each
      return 0
    fi
  done
}

offered_node() { apt-cache policy nodejs 2>/dev/null | sed -n 's/^ *Candidate: *//p' | grep -v '^(' || true; }

get_node() {
  say 'Node'
  find_node
  if [ -n "$NODE" ]; then say "  there: $NODE $("$NODE" --version)"; return 0; fi
  offer=
  if has apt-get; then
    offer=$(offered_node)
    if [ -z "$offer" ]; then quietly apt-get -q update; offer=$(offered_node); fi
  fi
  if [ -z "$offer" ] || ! dpkg --compare-versions "$offer" ge "$LEAST_NODE"; then
    fail "this needs Node $LEAST_NODE or newer for the whole machine; the system offers ${offer:-none}. Debian 13 and newer have one; else take the archive for Linux of a release with long-term support from https://nodejs.org, unpack it with: tar -xJf FILE -C /usr/local --strip-components=1, and run this again."
  fi
  ask "Install Node $offer of the system (yes, no)?" yes
  case $ANSWER in y | Y | yes) ;; *) fail 'without Node nothing can be installed; nothing was changed.' ;; esac
  words=nodejs
  if [ ! -e "$ROOT/dist/.build.json" ] && ! has npm; then words='nodejs npm'; fi
  # shellcheck disable=SC2086 # One or two packages.
  quietly env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $words
  find_node
  [ -n "$NODE" ] || fail 'Node was installed, but is not to be found.'
  done_now "Node $("$NODE" --version) was installed"
}

# As whoever owns the sources: what is built there stays theirs.
as_owner() {
  owner=$(stat -c %U "$ROOT")
  if [ "$owner" = root ] || [ "$owner" = UNKNOWN ]; then "$@"
  else runuser -u "$owner" -- env HOME="$(getent passwd "$owner" | cut -d : -f 6)" "$@"
  fi
}

get_program() {
  say 'Program'
  for left in "$PROGRAM.new" "$PROGRAM.old"; do
    if [ -e "$left" ]; then rm -rf "$left"; fi
  done
  if [ ! -e "$ROOT/dist/.build.json" ]; then say '  it is built first, which takes a minute'; fi
  stamp=$(as_owner "$NODE" "$ROOT/image/release.mjs" 2>>"$LOG" | tail -n 1) || stamp=
  [ -n "$stamp" ] || quietly as_owner "$NODE" "$ROOT/image/release.mjs"
  if [ "$(cat "$PROGRAM/release.stamp" 2>/dev/null || true)" = "$stamp" ]; then say "  there: $PROGRAM"; return 0; fi
  quietly "$NODE" "$ROOT/image/release.mjs" "$PROGRAM.new"
  chown -R 0:0 "$PROGRAM.new"
  : >"$RESTART"
  if [ -e "$PROGRAM" ]; then mv "$PROGRAM" "$PROGRAM.old"; fi
  mv "$PROGRAM.new" "$PROGRAM"
  rm -rf "$PROGRAM.old"
  done_now "$PROGRAM"
}

make_account() {
  say 'Account'
  if id "$ACCOUNT" >/dev/null 2>&1; then say "  there: $ACCOUNT"; return 0; fi
  quietly useradd --system --user-group --home-dir "$USUAL_DATA" --no-create-home --shell /usr/sbin/nologin --comment 'Reeve appliance' "$ACCOUNT"
  done_now "$ACCOUNT"
}

make_data() {
  say 'Data'
  if [ -d "$DATA" ] && [ "$(stat -c '%U %a' "$DATA")" = "$ACCOUNT 700" ]; then say "  there: $DATA"; return 0; fi
  mkdir -p "$DATA"
  chmod 700 "$DATA"
  chown "$ACCOUNT:$ACCOUNT" "$DATA"
  done_now "$DATA"
}

# put FILE MODE GROUP: standard input becomes that file at one go, if it is another than what is there.
put() {
  text=$(cat)
  if printf '%s\n' "$text" | cmp -s - "$1"; then say "  there: $1"; return 0; fi
  mkdir -p "${1%/*}"
  printf '%s\n' "$text" >"$1.new"
  chmod "$2" "$1.new"
  chown "root:$3" "$1.new"
  : >"$RESTART"
  mv "$1.new" "$1"
  done_now "$1"
}

# What somebody wrote there stays; only what was asked for here is set.
settings_text() {
  if [ -e "$SETTINGS" ]; then cat "$SETTINGS"
  else echo '# Settings of the start: docs/settings.md. Then: systemctl restart reeve'
  fi | while IFS= read -r line; do
    case $line in REEVE_DATA=* | REEVE_HTTP_PORT=* | REEVE_HTTPS_PORT=*) ;; *) printf '%s\n' "$line" ;; esac
  done
  printf 'REEVE_DATA=%s\nREEVE_HTTP_PORT=%s\nREEVE_HTTPS_PORT=%s\n' "$DATA" "$HTTP_PORT" "$HTTPS_PORT"
}

command_text() {
  flags=$(sed -n 's|^ExecStart=/usr/bin/node \(.*\) /.*|\1|p' "$ROOT/image/systemd/reeve.service")
  cat <<END
#!/bin/sh
# Installed by Reeve's setup.sh, and removed by its --uninstall. Acts as the account of the service, with its settings.
[ "\$(id -u)" = 0 ] || { echo 'reeve: this needs root: put sudo before it.' >&2; exit 1; }
while IFS= read -r line; do
  case \$line in REEVE_*=*) export "\$line" ;; esac
done <$SETTINGS
umask 077
exec setpriv --reuid $ACCOUNT --regid $ACCOUNT --init-groups --no-new-privs $NODE $flags $PROGRAM/dist/appliance/reeve.js "\$@"
END
}

# A folder of one's own has to be writable, and there before the service is.
place_text() {
  printf '[Unit]\nRequiresMountsFor=%s\n[Service]\nReadWritePaths=%s\n' "$DATA" "$DATA"
}

write_files() {
  say 'Settings and service'
  settings_text | put "$SETTINGS" 640 "$ACCOUNT"
  command_text | put "$COMMAND" 755 root
  # Before 253 a child of the service tells systemd that it lives (see the unit).
  told_by=main
  [ "$(systemctl --version | sed -n '1s/[^0-9]*\([0-9]*\).*/\1/p')" -ge 253 ] || told_by=all
  sed "s|^ExecStart=/usr/bin/node |ExecStart=$NODE |; s|^NotifyAccess=.*|NotifyAccess=$told_by|" "$ROOT/image/systemd/reeve.service" | put "$UNIT" 644 root
  if [ "$DATA" != "$USUAL_DATA" ]; then place_text | put "$PLACE" 644 root
  elif [ -e "$PLACE" ]; then
    : >"$RESTART"
    rm -r "${PLACE%/*}"
    done_now "$PLACE is gone"
  fi
}

free_port() {
  "$NODE" -e 'require("node:net").createServer().once("error", () => process.exit(1)).listen(Number(process.argv[1]), () => process.exit(0))' "$1" ||
    fail "port $1 is taken by another program: stop that one, or choose another port."
}

start_service() {
  say 'Start'
  if [ "$(systemctl show --property NeedDaemonReload --value reeve.service)" = yes ] || [ -e "$RESTART" ]; then quietly systemctl daemon-reload; fi
  if ! systemctl is-enabled --quiet reeve.service 2>/dev/null; then
    quietly systemctl enable reeve.service
    done_now 'it starts with this machine'
  fi
  if [ ! -e "$RESTART" ] && systemctl is-active --quiet reeve.service; then say '  there: it runs'
  else
    quietly systemctl stop reeve.service
    systemctl reset-failed reeve.service 2>/dev/null || true
    free_port "$HTTP_PORT"
    free_port "$HTTPS_PORT"
    quietly systemctl start reeve.service
    rm -f "$RESTART"
    done_now 'it runs'
  fi
  wait_until_well
}

wait_until_well() {
  left=60
  # shellcheck disable=SC2016 # Script for Node.
  until "$NODE" -e 'fetch(`http://127.0.0.1:${process.argv[1]}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))' "$HTTP_PORT"; do
    left=$((left - 1))
    if [ "$left" = 0 ] || systemctl is-failed --quiet reeve.service; then
      journalctl --unit reeve --lines 20 --output cat --no-pager >&2 || true
      fail "it was started, but does not answer on port $HTTP_PORT; what it said last stands above (journalctl -u reeve)."
    fi
    sleep 1
  done
}

# The set-up code is for whoever sits here: it does not go to the log.
tell_link() {
  run=$(systemctl show --property InvocationID --value reeve.service)
  lines=$(journalctl --output cat --no-pager "_SYSTEMD_INVOCATION_ID=$run" 2>/dev/null || true)
  link=$(printf '%s\n' "$lines" | grep -o 'https\{0,1\}://[^ ]*/#code=[^ ]*' | tail -n 1)
  if [ "$DONE" = 0 ]; then say 'Nothing was missing.'; fi
  if [ -n "$link" ]; then
    say "Reeve runs and starts with this machine. Open this link to make the owner's account (it holds the set-up code, new at each start):"
    printf '\n  %s\n\n' "$link"
  else
    say "Reeve runs and starts with this machine: $(sed -n 's/^ *"httpUrl": "\(.*\)".*/\1/p' "$DATA/run.json" 2>/dev/null)"
  fi
}

install() {
  say "Reeve is set up on this machine; what is done is written to $LOG"
  choose
  get_node
  get_program
  make_account
  make_data
  write_files
  start_service
  tell_link
}

uninstall() {
  DATA=$(set_already REEVE_DATA "$USUAL_DATA")
  if [ -n "$REMOVE_DATA" ]; then
    ask "Remove $DATA with everything that Reeve knows (yes, no)?" "${YES:-no}"
    [ "$ANSWER" = yes ] || fail 'nothing was removed.'
  fi
  if [ -e "$UNIT" ]; then
    quietly systemctl disable --now reeve.service
    rm -f "$UNIT"
    rm -rf "${PLACE%/*}"
    quietly systemctl daemon-reload
    systemctl reset-failed reeve.service 2>/dev/null || true
  fi
  rm -rf "$PROGRAM" "$PROGRAM.new" "$PROGRAM.old" "$COMMAND" "$COMMAND.new" "$UNIT.new" "$SETTINGS.new" "$RESTART"
  if [ -z "$REMOVE_DATA" ]; then
    say "Reeve is gone from this machine. Its data stays in $DATA, with $SETTINGS and the account $ACCOUNT: setup.sh takes them up again; --uninstall --remove-data removes them."
    return 0
  fi
  # Only what is certainly its own.
  if [ -e "$DATA/format.json" ] || [ "$DATA" = "$USUAL_DATA" ]; then rm -rf "$DATA"; fi
  rm -f "$SETTINGS"
  rmdir "${SETTINGS%/*}" 2>/dev/null || true
  if id "$ACCOUNT" >/dev/null 2>&1; then quietly userdel "$ACCOUNT"; fi
  say 'Reeve and its data are gone from this machine.'
}

main() {
  verb=install
  while [ $# -gt 0 ]; do
    case $1 in
      --yes | -y) YES=yes ;;
      --data | --http-port | --https-port)
        [ -n "${2:-}" ] || { usage >&2; echo "reeve: $1 needs a word." >&2; exit 1; }
        case $1 in --data) DATA=${2%/} ;; --http-port) HTTP_PORT=$2 ;; *) HTTPS_PORT=$2 ;; esac
        shift
        ;;
      --uninstall) verb=uninstall ;;
      --remove-data) REMOVE_DATA=yes ;;
      --help | -h) usage; exit 0 ;;
      *) usage >&2; echo "reeve: there is no option $1." >&2; exit 1 ;;
    esac
    shift
  done
  if [ -n "$REMOVE_DATA" ] && [ "$verb" = install ]; then usage >&2; echo 'reeve: --remove-data goes with --uninstall.' >&2; exit 1; fi
  look_around
  "$verb"
}

main "$@"
