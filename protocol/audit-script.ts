// Over 250 lines because the script is one text: what a host is asked, section by section, is to be read in one place.
import type { AuditKind } from './audits.ts';

interface Section {
  id: string;
  /** Most bytes that it may say. */
  most: number;
  /** Left out of a quick audit, because it takes long. */
  isSlow?: true;
  /** POSIX shell that only reads. No braces after a dollar sign: this is a template of TypeScript. */
  shell: string;
}

const raw = String.raw;
const KB = 1_024;
/** The shell's own format, in which the dollar sign stands before a brace. */
const ofPackage = (field: string): string => `$\{${field}}`;

/** Everything that an audit asks, in the order in which it is asked. */
const SECTIONS: readonly Section[] = [
  {
    id: 'system',
    most: 4 * KB,
    shell: raw`uname -s; uname -r; uname -m; uname -n; id -u; date +%s; cat /proc/uptime || sysctl -n kern.boottime; cat /proc/loadavg || sysctl -n vm.loadavg`,
  },
  {
    id: 'os',
    most: 8 * KB,
    shell: raw`if [ -r /etc/os-release ]; then cat /etc/os-release; elif has sw_vers; then sw_vers; else echo "NAME=$(uname -s)"; echo "VERSION_ID=$(uname -r)"; fi; [ -r /etc/openwrt_release ] && cat /etc/openwrt_release`,
  },
  {
    id: 'cpu',
    most: 8 * KB,
    shell: raw`if [ -r /proc/cpuinfo ]; then grep -E '^(model name|Model|Hardware|processor|cpu model|machine|system type)' /proc/cpuinfo | sort | uniq -c; else sysctl -n hw.ncpu machdep.cpu.brand_string hw.model; fi`,
  },
  {
    id: 'memory',
    most: 8 * KB,
    shell: raw`if [ -r /proc/meminfo ]; then head -n 60 /proc/meminfo; else echo "bytes $(sysctl -n hw.memsize || sysctl -n hw.physmem)"; fi`,
  },
  {
    id: 'hardware',
    most: 4 * KB,
    shell: raw`for f in sys_vendor product_name bios_version; do [ -r /sys/class/dmi/id/$f ] && echo "$f=$(cat /sys/class/dmi/id/$f)"; done; for f in /proc/device-tree/model /tmp/sysinfo/model; do [ -r $f ] && { printf 'model='; tr -d '\000' <$f; echo; }; done; has systemd-detect-virt && echo "virtual=$(t 5 systemd-detect-virt)"`,
  },
  { id: 'disks', most: 64 * KB, shell: raw`t 10 df -Pk` },
  { id: 'inodes', most: 64 * KB, shell: raw`t 10 df -Pi` },
  { id: 'mounts', most: 64 * KB, shell: raw`if [ -r /proc/mounts ]; then cat /proc/mounts; else mount; fi` },
  {
    id: 'blocks',
    most: 32 * KB,
    shell: raw`has lsblk && t 10 lsblk -b -d -P -o NAME,TYPE,SIZE,ROTA,MODEL`,
  },
  {
    id: 'addresses',
    most: 64 * KB,
    shell: raw`if has ip; then ip addr; elif has ifconfig; then ifconfig -a; fi`,
  },
  {
    id: 'routes',
    most: 16 * KB,
    shell: raw`if has ip; then ip route; ip -6 route; elif has netstat; then netstat -rn; fi`,
  },
  { id: 'resolvers', most: 4 * KB, shell: raw`cat /etc/resolv.conf` },
  {
    id: 'ports',
    most: 128 * KB,
    shell: raw`if has ss; then t 10 ss -lntup; elif has sockstat; then t 10 sockstat -l; elif has netstat; then if [ "$(uname -s)" = Linux ]; then t 10 netstat -lntup || t 10 netstat -lntu; else t 10 netstat -an; fi; fi`,
  },
  {
    id: 'processes',
    most: 256 * KB,
    shell: raw`if ps -eo pid,ppid,user,pcpu,pmem,rss,etime,comm >/dev/null 2>&1; then ps -eo pid,ppid,user,pcpu,pmem,rss,etime,comm; elif ps -o pid,ppid,user,vsz,etime,comm >/dev/null 2>&1; then ps -o pid,ppid,user,vsz,etime,comm; elif ps -o pid,ppid,user,vsz,comm >/dev/null 2>&1; then ps -o pid,ppid,user,vsz,comm; else ps w; fi`,
  },
  { id: 'users', most: 256 * KB, shell: raw`cat /etc/passwd` },
  {
    id: 'groups',
    most: 64 * KB,
    shell: raw`grep -E '^(root|wheel|sudo|admin|adm|docker|lxd|libvirt|disk|shadow):' /etc/group`,
  },
  {
    id: 'passwords',
    most: 128 * KB,
    // Only of what kind a hash is: the hash itself never leaves the host.
    shell: raw`if [ -r /etc/shadow ]; then echo readable; awk -F: '{ p = $2; k = "strong"; if (p == "") k = "empty"; else if (p ~ /^[!*x]/) k = "locked"; else if (p ~ /^\$1\$/) k = "md5"; else if (p !~ /^[$]/) k = "des"; print $1 ":" k }' /etc/shadow; fi`,
  },
  {
    id: 'sudo',
    most: 64 * KB,
    shell: raw`if [ -r /etc/sudoers ]; then echo readable; for f in /etc/sudoers /etc/sudoers.d/*; do [ -r "$f" ] && grep -Ev '^[[:space:]]*(#|$|Defaults)' "$f"; done; fi; [ -r /etc/doas.conf ] && { echo readable; grep -Ev '^[[:space:]]*(#|$)' /etc/doas.conf; }`,
  },
  {
    id: 'keys',
    most: 128 * KB,
    shell: raw`while IFS=: read -r u x1 x2 x3 x4 h x5; do for f in "$h/.ssh/authorized_keys" "$h/.ssh/authorized_keys2" "/etc/dropbear/authorized_keys"; do [ "$f" = /etc/dropbear/authorized_keys ] && [ "$u" != root ] && continue; [ -r "$f" ] && sed "s/^/$u /" "$f"; done; done </etc/passwd`,
  },
  {
    id: 'sshd',
    most: 64 * KB,
    shell: raw`if has sshd && [ "$(id -u)" = 0 ] && t 10 sshd -T >/dev/null 2>&1; then echo effective; t 10 sshd -T; elif [ -r /etc/ssh/sshd_config ]; then echo configured; for f in /etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config; do [ -r "$f" ] && grep -Ev '^[[:space:]]*(#|$)' "$f"; done; elif has dropbear; then echo dropbear; cat /etc/config/dropbear /etc/default/dropbear; fi`,
  },
  {
    id: 'sshd-version',
    most: 1 * KB,
    shell: raw`if has sshd; then t 5 sshd -V 2>&1 | head -n 3; elif has dropbear; then t 5 dropbear -V 2>&1 | head -n 1; fi`,
  },
  {
    id: 'packages',
    most: 1_024 * KB,
    isSlow: true,
    shell:
      raw`if [ -f /var/lib/dpkg/status ] && has dpkg-query; then echo dpkg; t 15 dpkg-query -W -f '$(P)' 2>/dev/null; elif [ -f /lib/apk/db/installed ]; then echo apk; awk '/^P:/ { p = substr($0, 3) } /^V:/ { print p " " substr($0, 3) }' /lib/apk/db/installed; elif has rpm && { [ -d /var/lib/rpm ] || [ -d /usr/lib/sysimage/rpm ]; }; then echo rpm; t 20 rpm -qa --qf '%{NAME} %{VERSION}-%{RELEASE}\n'; elif has pacman && [ -d /var/lib/pacman/local ]; then echo pacman; t 15 pacman -Q; elif has opkg; then echo opkg; t 15 opkg list-installed; elif has pkg && [ -d /var/db/pkg ]; then echo pkg; t 15 pkg query '%n %v'; elif has brew; then echo brew; t 20 brew list --versions; fi`.replace(
        '$(P)',
        ['Package', 'Version', 'db:Status-Abbrev'].map(ofPackage).join(' ') + raw`\n`,
      ),
  },
  {
    id: 'updates',
    most: 256 * KB,
    isSlow: true,
    shell: raw`if [ -f /var/lib/dpkg/status ] && has apt-get; then echo apt; for f in /var/lib/apt/periodic/update-success-stamp /var/lib/apt/lists/partial /var/cache/apt/pkgcache.bin; do [ -e $f ] && { echo "lists $(date -r $f +%s)"; break; }; done; ls /var/lib/apt/lists | grep -q Packages || echo nolists; t 25 apt-get -s -o Debug::NoLocking=true upgrade | grep '^Inst'; elif [ -f /lib/apk/db/installed ] && has apk; then echo apk; t 15 apk version -l '<'; elif has dnf; then echo dnf; t 25 dnf -C -q check-update; echo "--security"; t 25 dnf -C -q updateinfo list --security; elif has pacman; then echo pacman; t 15 pacman -Qu; elif has opkg; then echo opkg; t 15 opkg list-upgradable; elif has pkg && [ -d /var/db/pkg ]; then echo pkg; t 20 pkg version -vL=; fi`,
  },
  {
    id: 'unattended',
    most: 16 * KB,
    shell: raw`if has apt-config; then t 5 apt-config dump APT::Periodic; elif [ -r /etc/dnf/automatic.conf ]; then echo dnf; grep -E '^apply_updates' /etc/dnf/automatic.conf; fi; has systemctl && t 5 systemctl is-enabled unattended-upgrades.service apt-daily-upgrade.timer dnf-automatic.timer dnf5-automatic.timer`,
  },
  {
    id: 'reboot',
    most: 16 * KB,
    shell: raw`[ -e /var/run/reboot-required ] && { echo required; cat /var/run/reboot-required.pkgs; }; for f in /boot/vmlinuz-* /lib/modules/*; do [ -e "$f" ] && echo "kernel $f"; done`,
  },
  {
    id: 'services',
    most: 128 * KB,
    shell: raw`if [ -d /run/systemd/system ] && has systemctl; then echo systemd; t 10 systemctl list-units --type=service --state=running,failed --no-legend --plain --no-pager; elif has rc-status; then echo openrc; t 10 rc-status -a; elif [ -d /etc/init.d ]; then echo init; ls /etc/init.d; fi`,
  },
  {
    id: 'timers',
    most: 64 * KB,
    isSlow: true,
    shell: raw`for d in /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /var/spool/cron/crontabs /var/spool/cron /etc/crontabs; do for f in "$d"/*; do [ -f "$f" ] && echo "cron $f"; done; done; [ -d /run/systemd/system ] && t 10 systemctl list-unit-files --type=timer --state=enabled --no-legend --no-pager | sed 's/^/timer /'`,
  },
  {
    id: 'firewall',
    most: 128 * KB,
    shell: raw`if [ "$(id -u)" = 0 ]; then echo readable; if has nft; then echo nft; t 10 nft list ruleset; fi; if has iptables-save; then echo iptables; t 10 iptables-save; fi; if has pfctl; then echo pf; t 10 pfctl -sr; fi; fi; if [ -d /run/systemd/system ]; then for u in nftables ufw firewalld iptables; do echo "unit $u $(t 5 systemctl is-active $u)"; done; fi; [ -r /etc/ufw/ufw.conf ] && grep -E '^ENABLED' /etc/ufw/ufw.conf; [ -r /proc/net/ip_tables_names ] && sed 's/^/table /' /proc/net/ip_tables_names; has uci && t 5 uci -q show firewall | head -n 5`,
  },
  {
    id: 'sysctl',
    most: 16 * KB,
    shell: raw`for k in kernel.randomize_va_space kernel.kptr_restrict kernel.dmesg_restrict kernel.unprivileged_bpf_disabled kernel.yama.ptrace_scope fs.protected_hardlinks fs.protected_symlinks fs.suid_dumpable net.ipv4.ip_forward net.ipv4.tcp_syncookies net.ipv4.conf.all.rp_filter net.ipv4.conf.all.accept_redirects net.ipv4.conf.all.send_redirects net.ipv4.conf.all.accept_source_route net.ipv4.conf.all.log_martians net.ipv6.conf.all.forwarding net.ipv6.conf.all.accept_redirects; do f=/proc/sys/$(echo "$k" | tr . /); [ -r "$f" ] && echo "$k=$(cat "$f")"; done`,
  },
  {
    id: 'time',
    most: 8 * KB,
    shell: raw`[ -d /run/systemd/system ] && has timedatectl && t 5 timedatectl show; [ -e /run/systemd/timesync/synchronized ] && echo NTPSynchronized=yes; has chronyc && t 5 chronyc -n tracking; has ntpq && t 5 ntpq -pn; ps ax 2>/dev/null | grep -Eo '(chronyd|ntpd|systemd-timesyncd|openntpd|busybox ntpd)' | sort -u | sed 's/^/daemon /'; ps 2>/dev/null | grep -Eo '(chronyd|ntpd)' | sort -u | sed 's/^/daemon /'`,
  },
  {
    id: 'containers',
    most: 128 * KB,
    isSlow: true,
    shell: raw`for s in /var/run/docker.sock /run/podman/podman.sock; do [ -S $s ] && echo "socket $s $(ls -ln $s | cut -c1-10)"; done; for c in docker podman; do has $c && t 10 $c ps --no-trunc --format "container {{.ID}}|{{.Image}}|{{.Names}}|{{.Ports}}|{{.Status}}"; done; has docker && { i=$(t 10 docker ps -q); [ -n "$i" ] && t 10 docker inspect --format "inspect {{.Name}}|{{.HostConfig.Privileged}}|{{.HostConfig.NetworkMode}}|{{range .Mounts}}{{.Source}} {{end}}" $i; }`,
  },
  {
    id: 'files',
    most: 8 * KB,
    shell: raw`for f in /etc/passwd /etc/shadow /etc/group /etc/gshadow /etc/sudoers /etc/sudoers.d /etc/ssh/sshd_config /etc/crontab /etc/cron.d /root /root/.ssh /root/.ssh/authorized_keys /boot/grub/grub.cfg /etc/ssh/ssh_host_ed25519_key /etc/ssh/ssh_host_rsa_key /tmp; do [ -e "$f" ] && ls -ldn "$f"; done`,
  },
  {
    id: 'logins',
    most: 64 * KB,
    isSlow: true,
    shell: raw`n=none; if [ -d /run/systemd/system ] && has journalctl; then n=$(t 8 journalctl -q --since -24h -t sshd -t sshd-session --no-pager -n 2000 2>/dev/null | grep -Ec 'Failed password|Invalid user|authentication failure'); [ -r /var/log/journal ] || [ -r /run/log/journal ] || n=none; elif [ -r /var/log/auth.log ]; then n=$(tail -n 2000 /var/log/auth.log | grep -Ec 'Failed password|Invalid user|authentication failure'); fi; echo "failed $n"; has last && t 5 last -n 15 -i | sed 's/^/last /'`,
  },
  {
    id: 'logging',
    most: 8 * KB,
    shell: raw`{ ps ax 2>/dev/null || ps; } | grep -Eo '(rsyslogd|syslog-ng|systemd-journald?|syslogd|klogd|metalog|logd|vector|fluent-bit|promtail)' | sort -u; [ -d /var/log/journal ] && echo persistent`,
  },
  {
    id: 'cpu-bugs',
    most: 16 * KB,
    shell: raw`for f in /sys/devices/system/cpu/vulnerabilities/*; do [ -r "$f" ] && echo "$(basename "$f")=$(cat "$f")"; done`,
  },
  {
    id: 'smart',
    most: 32 * KB,
    isSlow: true,
    shell: raw`if [ "$(id -u)" = 0 ] && has smartctl; then for d in /dev/sd? /dev/nvme?n1; do [ -b $d ] && { echo "disk $d"; t 6 smartctl -H -A $d | grep -Ei 'overall-health|SMART Health Status|Reallocated_Sector|Current_Pending|Percentage Used|Media and Data'; }; done; fi`,
  },
];

export const AUDIT_SECTIONS: readonly string[] = SECTIONS.map(({ id }) => id);

/** Ids of the sections that an audit of this kind has. */
export const sectionsOf = (kind: AuditKind): string[] =>
  SECTIONS.filter(({ isSlow }) => kind === 'full' || !isSlow).map(({ id }) => id);

/** What comes before each section in the output. Whoever does not know the nonce cannot write one. */
export const markOf = (nonce: string, section: string): string => `@@${nonce} ${section}`;

/** Last mark of an output that is whole. */
export const END_SECTION = 'END';

/** Longest time that the script itself takes, because a closed channel does not end it. */
const SECONDS = { quick: 25, full: 58 } as const;

/**
 * The script, for the standard input of `sh -s`: it only reads, in one function that is called with an empty input at the end, because
 * a command that reads would eat the rest of the script. Runs in dash, bash, BusyBox ash, mksh, ksh and zsh. Each command that may hang
 * has a limit of its own, each section a most of bytes, all together a watchdog. Output comes in blocks, because each small piece costs
 * the reader as much as a large one; that a slow section begins is said on standard error at once, by the same mark.
 */
export function auditScript(kind: AuditKind, nonce: string): string {
  if (!/^[0-9a-f]{16,64}$/.test(nonce)) throw new Error('a nonce is hex');
  const wanted = new Set(sectionsOf(kind));
  const sections = SECTIONS.filter(({ id }) => wanted.has(id)).map(
    ({ id, most, shell, isSlow }) => `${isSlow ? 'p' : 's'} ${id}; { ${shell}; } 2>/dev/null | head -c ${most}`,
  );
  return [PRELUDE.replace('@N', nonce).replace('@T', `${SECONDS[kind]}`), ...sections, AFTER, ''].join('\n');
}

const PRELUDE = raw`reeve_audit() {
LC_ALL=C; LANG=C; export LC_ALL LANG; PATH=$PATH:/sbin:/usr/sbin:/usr/local/sbin; export PATH
umask 077
has() { command -v "$1" >/dev/null 2>&1; }
if timeout -s KILL 5 true >/dev/null 2>&1; then own=; else own=1; fi
t() {
  n=$1; shift
  if [ -z "$own" ]; then timeout -s KILL "$n" "$@"; return; fi
  "$@" & p=$!
  ( sleep "$n"; kill -9 $p ) >/dev/null 2>&1 3>&- & w=$!
  wait $p; r=$?; kill $w 2>/dev/null; return $r
}
me=$(exec sh -c 'echo $PPID')
( trap 'kill $z; exit' TERM; sleep @T & z=$!; wait $z; kill -9 $me $$ ) >/dev/null 2>&1 3>&- & dog=$!
s() { printf '\n@@%s %s\n' @N "$1"; }
p() { s "$1" >&3; s "$1"; }`;

const AFTER = raw`s END
kill $dog 2>/dev/null
}
if echo | dd obs=4096 >/dev/null 2>&1; then ( exec </dev/null 3>&2 2>/dev/null; reeve_audit ) | dd obs=4096 2>/dev/null
else ( exec </dev/null 3>&2 2>/dev/null; reeve_audit ); fi
exit 0`;
