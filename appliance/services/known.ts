/** Services that are worth to be watched wherever they run. Patterns are matched against name and title, in lower case. */
const KNOWN: readonly { what: string; patterns: readonly RegExp[]; isVideo?: true }[] = [
  { what: 'Milestone XProtect', patterns: [/milestone/, /xprotect/, /^videoos/], isVideo: true },
  { what: 'Genetec Security Center', patterns: [/^genetec/], isVideo: true },
  { what: 'Avigilon Control Center', patterns: [/avigilon/], isVideo: true },
  { what: 'exacqVision', patterns: [/^edvrserver/, /exacq/], isVideo: true },
  { what: 'Nx Witness', patterns: [/networkoptix/, /nx ?witness/], isVideo: true },
  { what: 'DW Spectrum', patterns: [/digitalwatchdog/, /dw ?spectrum/], isVideo: true },
  { what: 'Hanwha Wisenet WAVE', patterns: [/wisenet/, /^hanwha/], isVideo: true },
  { what: 'Axis Camera Station', patterns: [/axis camera station/, /^acsservice/], isVideo: true },
  { what: 'Bosch BVMS', patterns: [/^bvms/, /bosch video/], isVideo: true },
  { what: 'Blue Iris', patterns: [/^blueiris/, /blue iris/], isVideo: true },
  { what: 'ZoneMinder', patterns: [/^zoneminder/], isVideo: true },
  { what: 'Frigate', patterns: [/^frigate/], isVideo: true },
  { what: 'Shinobi', patterns: [/^shinobi/], isVideo: true },
  { what: 'Motion', patterns: [/^motion(?:eye)?$/], isVideo: true },
  {
    what: 'Database',
    patterns: [/^(?:postgresql|mariadb|mysqld?|mongod|redis(?:-server)?|mssqlserver|mssql\$\w+|influxdb)\b/],
  },
  { what: 'Web server', patterns: [/^(?:nginx|apache2|httpd|caddy|haproxy|traefik|w3svc)$/] },
  { what: 'Containers', patterns: [/^(?:docker|containerd|podman|k3s|kubelet)$/] },
  { what: 'File server', patterns: [/^(?:smbd|nfs-server|nfs-kernel-server|lanmanserver|vsftpd)$/] },
  { what: 'Mail', patterns: [/^(?:postfix|dovecot|exim4)$/] },
  { what: 'Name service', patterns: [/^(?:named|bind9|unbound|dnsmasq|pihole-ftl)$/] },
  { what: 'Messages', patterns: [/^(?:mosquitto|rabbitmq-server)$/] },
  { what: 'Remote access', patterns: [/^sshd?$/] },
  { what: 'Virtual machines', patterns: [/^(?:libvirtd|pvedaemon|pveproxy|vmms)$/] },
];

/** What a service belongs to that is worth to be watched; undefined for all others. */
export function worthWatching(name: string, title = ''): { what: string; isVideo: boolean } | undefined {
  const texts = [name.toLowerCase(), title.toLowerCase()];
  const found = KNOWN.find(({ patterns }) => patterns.some((pattern) => texts.some((text) => pattern.test(text))));
  return found && { what: found.what, isVideo: found.isVideo ?? false };
}
