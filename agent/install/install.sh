#!/bin/sh
# Installs the Reeve agent on this machine, brings it up to date, or takes it away again (--uninstall). The appliance hands this out with
# its own address, key and hashes in place of the words between @; the line in its dashboard pins its key, so nobody else can. Everything
# stands in functions and is called in the last line: half a download does nothing.
set -eu

HUB='@HUB@'
PIN='@PIN@'
SCRIPT_SHA256='@SCRIPT_SHA256@'
# A line for each packed executable: platform, packing, SHA-256.
EXECUTABLES='@EXECUTABLES@'
NODE_FLAGS='@NODE_FLAGS@'
LEAST_NODE='20.19'

ACCOUNT=reeve-agent
PROGRAM=/usr/local/lib/reeve-agent
COMMAND=/usr/local/bin/reeve-agent
STATE=/var/lib/reeve-agent
UNIT=/etc/systemd/system/reeve-agent.service
RC=/etc/init.d/reeve-agent
PLIST=/Library/LaunchDaemons/local.reeve.agent.plist
OWN_FILE=/etc/reeve/agent.json
# What the appliance may ever ask for: said by --allow and --read-only, else asked where somebody sits, else nothing.
ALLOW=
READ_ONLY=

say() { printf '%s\n' "$*"; }
fail() { printf 'reeve-agent: %s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

usage() {
  say 'Usage: install.sh [--allow ACTION[=TARGET,...]]... | --read-only | --uninstall'
  say '  --allow        what the appliance may ever ask this machine to do, as --allow restart_service=nginx,plex --allow reboot:'
  say '                 update_agent, restart_service=, restart_container=, apply_updates, clear_logs=, read_logs=, wake_on_lan, reboot'
  say '  --read-only    nothing: the agent only watches. So it is without a word, too; what is allowed already stays without a word'
  say '  REEVE_TOKEN    one-time token of "Add host" in the dashboard; not needed to bring an agent up to date'
  say '  REEVE_NODE     Node that runs it, where it is not found by itself; none: the executable, which needs no Node'
  say '  REEVE_NAME     name to pair under, instead of the name of this machine'
}

# What this machine is: sets OS, ARCH, LIBC, SERVICES, or says why the agent cannot be here.
look_around() {
  [ "$(id -u)" = 0 ] || fail 'this needs root: put sudo before sh, or run it as root.'
  if [ -e /etc/openwrt_release ]; then
    fail 'OpenWrt has too little room for the agent (50 MB of memory, 30 MB of storage): add it as a host that is asked over SSH.'
  fi
  case $(uname -s) in
    Linux) OS=linux ;;
    Darwin) OS=darwin ;;
    *) fail "there is no agent for $(uname -s): add it as a host that is asked over SSH." ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) ARCH=x64 ;;
    aarch64 | arm64) ARCH=arm64 ;;
    armv7* | armv8l) ARCH=armv7 ;;
    *) ARCH=$(uname -m) ;;
  esac
  LIBC=
  if [ "$OS" = linux ] && ls /lib/ld-musl-* >/dev/null 2>&1; then LIBC=-musl; fi
  if [ "$OS" = darwin ]; then SERVICES=launchd
  elif [ -d /run/systemd/system ]; then SERVICES=systemd
  elif has openrc-run && has rc-service; then SERVICES=openrc
  else fail 'there is neither systemd nor OpenRC nor launchd here, so nothing would start the agent again. In a container, watch the machine that runs it instead.'
  fi
}

sha256_of() {
  if has sha256sum; then sha256sum "$1"
  elif has shasum; then shasum -a 256 "$1"
  else openssl dgst -sha256 -r "$1"
  fi | cut -d ' ' -f 1
}

# fetch PATH FILE SHA256: from the appliance whose key is pinned, and only if it is what was promised.
fetch() {
  curl -fsSk --pinnedpubkey "sha256//$PIN" "$HUB/$1" -o "$2" || fail "$HUB/$1 could not be fetched."
  [ "$(sha256_of "$2")" = "$3" ] || fail "$1 is not what the appliance promised: it was updated in the meantime? Run the line again."
}

# A Node for everybody on this machine that is new enough: sets NODE, or leaves it empty.
find_node() {
  NODE=
  if [ "${REEVE_NODE:-}" = none ]; then return; fi
  for each in "${REEVE_NODE:-}" "$(command -v node || true)" /usr/bin/node /usr/local/bin/node /opt/homebrew/bin/node; do
    # What lies in somebody's home is theirs, and gone when they are.
    case $each in '' | /home/* | /root/* | /Users/*) continue ;; esac
    [ -x "$each" ] || continue
    if "$each" -e 'const [a, b] = process.versions.node.split(".").map(Number), [c, d] = process.argv[1].split(".").map(Number); process.exit(a > c || (a === c && b >= d) ? 0 : 1)' "$LEAST_NODE" 2>/dev/null; then
      NODE=$each
      return
    fi
  done
}

# promised PLATFORM PACKING: SHA-256 of that executable as it is fetched, a space, and that of what runs; or nothing.
promised() {
  printf '%s\n' "$EXECUTABLES" | while read -r name packing hashes; do
    if [ "$name $packing" = "$1 $2" ]; then printf '%s' "$hashes"; fi
  done
}

# get_executable FOLDER: of the two packed forms the smaller one, where this machine can unpack it.
get_executable() {
  platform=$OS-$ARCH$LIBC
  packing=gz unpack=gzip
  if has xz && [ -n "$(promised "$platform" xz)" ]; then packing=xz unpack=xz; fi
  sum=$(promised "$platform" "$packing")
  [ -n "$sum" ] || fail "this appliance has no executable for $platform: install Node $LEAST_NODE or newer for the whole machine and run the line again, or build it on the appliance (npm run build:executables)."
  fetch "agent/$platform.$packing" "$1/packed" "${sum% *}"
  "$unpack" -dc <"$1/packed" >"$1/reeve-agent" || fail "it could not be unpacked in ${PROGRAM%/*}, which needs 150 MB."
  [ "$(sha256_of "$1/reeve-agent")" = "${sum#* }" ] || fail "agent/$platform.$packing does not hold what was promised: the files of the appliance are damaged, or somebody changed them."
  rm "$1/packed"
  chmod 755 "$1/reeve-agent"
  "$1/reeve-agent" --version >/dev/null || fail 'the executable does not run on this machine: it needs glibc 2.28 or newer and libstdc++.'
}

# Fetches the program into $1: the script where Node is, else an executable. Sets RUN, the words that start it.
get_program() {
  find_node
  if [ -n "$NODE" ]; then
    fetch agent.cjs "$1/agent.cjs" "$SCRIPT_SHA256"
    RUN="$NODE $NODE_FLAGS $PROGRAM/agent.cjs"
  else
    get_executable "$1"
    RUN=$PROGRAM/reeve-agent
  fi
}

# ask ACTION WORDS: a yes adds the action.
ask() {
  printf '  %s [y/N] ' "$2" >/dev/tty
  read -r answer </dev/tty || answer=
  case $answer in y | Y | yes) ALLOW="$ALLOW $1" ;; esac
}

# ask_which ACTION WORDS: names, separated by commas; none = not allowed.
ask_which() {
  printf '  %s ' "$2" >/dev/tty
  read -r answer </dev/tty || answer=
  answer=$(printf '%s' "$answer" | tr -d '[:space:]')
  if [ -n "$answer" ]; then ALLOW="$ALLOW $1=$answer"; fi
}

# Where a person sits and nothing was said: only on a machine whose agent has no file of its own yet.
ask_ceiling() {
  if [ -n "$ALLOW$READ_ONLY" ] || [ -e "$OWN_FILE" ] || ! [ -t 1 ] || ! (: </dev/tty) 2>/dev/null; then return 0; fi
  say 'The agent only watches, but for what you allow here. The appliance cannot change that later; you can, on this machine.' >/dev/tty
  printf 'Shall it only watch? [Y/n] ' >/dev/tty
  read -r answer </dev/tty || answer=
  case $answer in n | N | no) ;; *) READ_ONLY=yes; return 0 ;; esac
  ask update_agent 'May it update itself when an admin says so?'
  ask_which restart_service 'Which services may be restarted (nginx,plex; * for all; nothing for none)?'
  ask_which restart_container 'Which containers may be restarted?'
  ask apply_updates "May the system's updates be installed?"
  ask_which clear_logs 'Below which folders may logs be cleared (/var/log/nginx)?'
  ask_which read_logs 'Below which folders may logs be fetched (/var/log)?'
  ask reboot 'May this machine be rebooted?'
}

# Into the agent's own file, which is root's: neither the agent nor the appliance can change it.
set_ceiling() {
  set -f # A * among the names is theirs.
  # shellcheck disable=SC2086 # Words that start the program, and words of the ceiling.
  if [ -n "$ALLOW" ]; then
    $RUN ceiling allow $ALLOW --config "$OWN_FILE" || fail 'nothing was allowed, and the agent is not started: correct the line and run it again.'
  elif [ -n "$READ_ONLY" ]; then
    $RUN ceiling read-only --config "$OWN_FILE"
  fi
  set +f
}

make_account() {
  if id "$ACCOUNT" >/dev/null 2>&1; then return; fi
  if [ "$OS" = darwin ]; then
    number=300
    while dscl . -list /Users UniqueID | grep -q " $number\$"; do number=$((number + 1)); done
    dscl . -create "/Users/$ACCOUNT"
    for pair in "UniqueID $number" 'PrimaryGroupID 20' "NFSHomeDirectory $STATE" 'UserShell /usr/bin/false' 'IsHidden 1'; do
      # shellcheck disable=SC2086 # Name and value are two words.
      dscl . -create "/Users/$ACCOUNT" $pair
    done
  elif has useradd; then
    useradd --system --user-group --home-dir "$STATE" --no-create-home --shell /usr/sbin/nologin --comment 'Reeve agent' "$ACCOUNT"
  else
    addgroup -S "$ACCOUNT"
    adduser -S -D -H -h "$STATE" -s /sbin/nologin -G "$ACCOUNT" "$ACCOUNT"
  fi
}

# As the agent's account, with an environment of its own.
as_agent() {
  if has setpriv && setpriv --help 2>&1 | grep -q reuid; then
    setpriv --reuid "$ACCOUNT" --regid "$(id -g "$ACCOUNT")" --init-groups --inh-caps=-all --no-new-privs "$@"
  elif [ "$OS" = darwin ]; then sudo -n -E -u "$ACCOUNT" "$@"
  else
    words=
    for word in "$@"; do words="$words '$(printf '%s' "$word" | sed "s/'/'\\\\''/g")'"; done
    su -s /bin/sh "$ACCOUNT" -c "$words"
  fi
}

# The command for people: as root it acts as the agent's account, so that nothing in its folder becomes root's.
write_command() {
  mkdir -p "${COMMAND%/*}"
  cat >"$COMMAND" <<END
#!/bin/sh
# Installed by the Reeve agent's install.sh, and removed by its --uninstall.
export REEVE_AGENT_STATE=$STATE
if [ "\$(id -u)" = 0 ] && [ "\${1:-}" = ceiling ]; then exec $RUN "\$@"; fi
if [ "\$(id -u)" = 0 ] && command -v setpriv >/dev/null 2>&1 && setpriv --help 2>&1 | grep -q reuid; then
  exec setpriv --reuid $ACCOUNT --regid $(id -g "$ACCOUNT") --init-groups $RUN "\$@"
fi
exec $RUN "\$@"
END
  chmod 755 "$COMMAND"
}

write_unit() {
  cat >"$UNIT" <<END
# Installed by the Reeve agent's install.sh, and removed by its --uninstall.
[Unit]
Description=Reeve agent: watches this machine for its appliance
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=$RUN
ExecReload=/bin/kill -HUP \$MAINPID
User=$ACCOUNT
Group=$ACCOUNT
Environment=REEVE_AGENT_STATE=$STATE
StateDirectory=reeve-agent
StateDirectoryMode=0700
Restart=always
RestartSec=5
TimeoutStopSec=10
WatchdogSec=5min
NotifyAccess=all
MemoryMax=200M
TasksMax=64
OOMPolicy=continue
# It reads, sends, and keeps its own folder.
CapabilityBoundingSet=
AmbientCapabilities=
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
DevicePolicy=closed
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
UMask=0077

[Install]
WantedBy=multi-user.target
END
}

write_rc() {
  cat >"$RC" <<END
#!/sbin/openrc-run
# Installed by the Reeve agent's install.sh, and removed by its --uninstall.
description="Reeve agent: watches this machine for its appliance"
supervisor=supervise-daemon
command="${RUN%% *}"
command_args="$(case $RUN in *' '*) printf '%s' "${RUN#* }" ;; esac)"
command_user="$ACCOUNT:$ACCOUNT"
respawn_delay=5
respawn_max=0
export REEVE_AGENT_STATE=$STATE
extra_started_commands="reload"
description_reload="Reads the agent's own file again"
depend() { need net; after bootmisc; }
reload() { ebegin "Reading the own file of \$RC_SVCNAME again" && supervise-daemon "\$RC_SVCNAME" --signal HUP; eend \$?; }
END
  chmod 755 "$RC"
}

write_plist() {
  {
    say '<?xml version="1.0" encoding="UTF-8"?>'
    say '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">'
    say '<plist version="1.0"><dict>'
    say '<key>Label</key><string>local.reeve.agent</string>'
    say '<key>ProgramArguments</key><array>'
    for word in $RUN; do say "<string>$word</string>"; done
    say '</array>'
    say "<key>EnvironmentVariables</key><dict><key>REEVE_AGENT_STATE</key><string>$STATE</string></dict>"
    say "<key>UserName</key><string>$ACCOUNT</string>"
    say '<key>RunAtLoad</key><true/><key>KeepAlive</key><true/><key>ThrottleInterval</key><integer>5</integer>'
    say '</dict></plist>'
  } >"$PLIST"
}

start_service() {
  case $SERVICES in
    systemd)
      write_unit
      systemctl daemon-reload
      systemctl enable --quiet reeve-agent.service
      systemctl restart reeve-agent.service
      ;;
    openrc)
      write_rc
      rc-update add reeve-agent default >/dev/null
      rc-service --quiet reeve-agent restart
      ;;
    launchd)
      write_plist
      launchctl bootstrap system "$PLIST"
      ;;
  esac
}

# Also where there is none.
stop_service() {
  case $SERVICES in
    systemd) systemctl stop reeve-agent.service >/dev/null 2>&1 || true ;;
    openrc) rc-service --quiet reeve-agent stop >/dev/null 2>&1 || true ;;
    launchd) launchctl bootout system/local.reeve.agent >/dev/null 2>&1 || true ;;
  esac
}

pair() {
  if [ -n "${REEVE_TOKEN:-}" ] || [ -e "$STATE/agent.json" ]; then
    # shellcheck disable=SC2086 # Words that start the program.
    REEVE_AGENT_STATE=$STATE as_agent env REEVE_AGENT_STATE="$STATE" $RUN pair --hub "$HUB"
    return
  fi
  fail 'a new machine needs a token: take the line of "Add host" in the dashboard, which has one.'
}

install() {
  # Beside its place: /tmp may be small, or kept in memory.
  mkdir -p "${PROGRAM%/*}"
  fresh=$(mktemp -d "$PROGRAM.XXXXXX")
  trap 'rm -rf "$fresh"' EXIT
  get_program "$fresh"
  make_account
  stop_service
  mkdir -p "$PROGRAM" "$STATE"
  chown "$ACCOUNT" "$STATE"
  chmod 700 "$STATE"
  rm -f "$PROGRAM/agent.cjs" "$PROGRAM/reeve-agent"
  mv "$fresh"/* "$PROGRAM/"
  chown -R 0:0 "$PROGRAM"
  write_command
  ask_ceiling
  set_ceiling
  pair || fail "it is installed, but not paired and not started. Make a new token in the dashboard, and run its line again; or take all away with --uninstall."
  start_service
  say "The Reeve agent runs and starts with this machine. $COMMAND doctor says what it reads; install.sh --uninstall takes it away."
}

uninstall() {
  stop_service
  if [ -x "$COMMAND" ] && [ -e "$STATE/agent.json" ]; then "$COMMAND" unpair || true; fi
  case $SERVICES in
    systemd)
      systemctl disable --quiet reeve-agent.service >/dev/null 2>&1 || true
      rm -f "$UNIT"
      systemctl daemon-reload
      systemctl reset-failed reeve-agent.service >/dev/null 2>&1 || true
      ;;
    openrc)
      rc-update del reeve-agent default >/dev/null 2>&1 || true
      rm -f "$RC"
      ;;
    launchd) rm -f "$PLIST" ;;
  esac
  rm -rf "$PROGRAM" "$STATE" "$COMMAND" "$OWN_FILE"
  rmdir "${OWN_FILE%/*}" 2>/dev/null || true
  if id "$ACCOUNT" >/dev/null 2>&1; then
    if [ "$OS" = darwin ]; then dscl . -delete "/Users/$ACCOUNT"
    elif has userdel; then userdel "$ACCOUNT"
    else deluser "$ACCOUNT"
    fi
  fi
  if has delgroup && grep -q "^$ACCOUNT:" /etc/group 2>/dev/null; then delgroup "$ACCOUNT" >/dev/null 2>&1 || true; fi
  say 'The Reeve agent is gone from this machine. Its host and history stay on the appliance until they are removed there.'
}

main() {
  verb=install
  while [ $# -gt 0 ]; do
    case $1 in
      --allow)
        case ${2:-} in
          '' | -* | *[[:space:]]*) usage >&2; fail '--allow needs one word, such as reboot or restart_service=nginx.' ;;
        esac
        ALLOW="$ALLOW $2"
        shift
        ;;
      --read-only) READ_ONLY=yes ;;
      --uninstall) verb=uninstall ;;
      --help | -h) verb=usage ;;
      *) usage >&2; fail "there is no option $1." ;;
    esac
    shift
  done
  if [ -n "$ALLOW" ] && [ -n "$READ_ONLY" ]; then fail 'say --allow or --read-only, not both.'; fi
  if [ "$verb" != usage ]; then look_around; fi
  "$verb"
}

main "$@"
