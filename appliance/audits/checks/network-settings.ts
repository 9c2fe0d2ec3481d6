import { type Check, found, unknown } from './check.ts';

export const networkSettings: Check = {
  id: 'network-settings',
  title: 'The network of the kernel trusts too much',
  severity: 'low',
  reason: 'Others in the network can turn its traffic over to themselves, or send theirs through it.',
  judge({ sysctl, containers, services, groups }) {
    if (!sysctl) return unknown('the host has no /proc/sys');
    const on = (key: string): boolean => /^[1-9]/.test(sysctl[key] ?? '');
    const runs = (pattern: RegExp): boolean => services?.items.some(({ name }) => pattern.test(name)) ?? false;
    // Whoever runs containers, virtual machines, a VPN or a router has to forward.
    const mayForward =
      runs(
        /^(?:docker|containerd|podman|libvirtd|k3s|kubelet|lxd|lxc|openvpn|wg-quick|tailscaled|hostapd|frr|pve|firewall|network$)/,
      ) ||
      (containers?.items.length ?? 0) > 0 ||
      (groups?.some(({ name }) => /^(?:docker|lxd|libvirt)$/.test(name)) ?? false);
    const isForwarding = on('net.ipv4.ip_forward') && !mayForward;
    const wrong = [
      'net.ipv4.conf.all.accept_redirects',
      'net.ipv6.conf.all.accept_redirects',
      'net.ipv4.conf.all.accept_source_route',
    ].filter(
      // Redirects are heeded by those who do not forward.
      (key) => on(key) && !(key.includes('ipv4.conf.all.accept_redirects') && on('net.ipv4.ip_forward')),
    );
    const lines = [
      ...(isForwarding ? ['net.ipv4.ip_forward = 1, and nothing here needs it'] : []),
      ...wrong.map((key) => `${key} = 1`),
    ];
    if (sysctl['net.ipv4.tcp_syncookies'] === '0') lines.push('net.ipv4.tcp_syncookies = 0');
    return found(
      lines,
      'Write the other value of each into /etc/sysctl.d/90-hardening.conf and run `sysctl --system`.',
    );
  },
};
