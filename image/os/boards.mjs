// The images as data. A board is a kind of machine that an image is for; a new one is a line here, its packages in packages/BOARD.txt, its
// files in overlay/BOARD, and a module that makes its disk (vm.mjs). Everything else is shared.

/** Modules that the initramfs needs on any board to find and mount what it boots. */
const MOUNTING = ['squashfs', 'overlay', 'ext4', 'crc32c_generic', 'vfat', 'nls_ascii', 'nls_cp437'];

/** Executables of the agent that fit into the small image of any board; the others are in the one `-with-agents`. */
export const CARRIED = ['linux-x64', 'linux-arm64'];

export const BOARDS = {
  vm: {
    id: 'vm',
    architecture: 'amd64',
    /** Of PLATFORMS in image/executables. */
    node: 'linux-x64',
    /** No small image may be larger, in bytes, in the form `download`. */
    mostBytes: 130e6,
    download: 'qcow2',
    suite: 'trixie',
    components: ['main'],
    /** Further suites of the mirror, each with a path beside that of the archive itself. */
    more: [{ path: '-security', suite: 'trixie-security' }],
    /** Debs that are unpacked by hand, with what they depend on under these names: kernels, whose scripts want to make an initramfs. */
    unpacked: ['linux-image-cloud-amd64'],
    modules: [
      ...MOUNTING,
      ...['virtio_pci', 'virtio_blk', 'virtio_scsi', 'sd_mod', 'ahci', 'ata_piix', 'nvme', 'mptspi', 'mptsas'],
      ...['vmw_pvscsi', 'hv_storvsc', 'xen-blkfront'],
    ],
  },
  pi: {
    id: 'pi',
    architecture: 'arm64',
    node: 'linux-arm64',
    mostBytes: 170e6,
    download: 'img.xz',
    suite: 'trixie',
    components: ['main', 'non-free-firmware'],
    // The Pi 5 has its network and USB behind a chip (rp1) that the kernel of trixie does not know, and the one of its backports does.
    more: [
      { path: '-security', suite: 'trixie-security' },
      { path: '', suite: 'trixie-backports' },
    ],
    // Drivers of machines that are no Raspberry Pi; what is named in `kept`, and what that needs, stays all the same: screen, network, disks.
    useless: [
      ...[
        'accel',
        'bluetooth',
        'counter',
        'crypto',
        'fpga',
        'hid',
        'hwtracing',
        'input',
        'interconnect',
        'mtd',
        'net/ethernet',
      ],
      ...['nfc', 'perf', 'remoteproc', 'rpmsg', 'scsi', 'soc', 'target', 'tty', 'vfio', 'vhost', 'w1', 'xen'],
      ...[
        'ath',
        'intel',
        'marvell',
        'mediatek',
        'microchip',
        'quantenna',
        'ralink',
        'realtek',
        'rsi',
        'silabs',
        'st',
        'ti',
      ].map((maker) => `net/wireless/${maker}`),
    ].map((path) => `drivers/${path}`),
    kept: ['vc4', 'genet', 'macb', 'sd_mod', 'bcm2835_power', 'raspberrypi_power', 'virtio_input'],
    unpacked: ['linux-image-7.2.12+deb13-arm64', 'raspi-firmware', 'firmware-brcm80211'],
    modules: [
      ...MOUNTING,
      ...[
        'drivers/mmc/host/',
        'mmc_block',
        'bcm2835',
        'sdhci_iproc',
        'sdhci_brcmstb',
        'fixed',
        'gpio_regulator',
        'nvme',
      ],
      ...['xhci_pci', 'xhci_plat_hcd', 'dwc2', 'dwc3', 'usb_storage', 'uas', 'sd_mod', 'pcie_brcmstb'],
      ...['pinctrl_bcm2712', 'pinctrl_brcmstb_bcm2712', 'irq_bcm2712_mip', 'clk_rp1', 'pinctrl_rp1', 'rp1_pci'],
      ...[
        'reset_raspberrypi',
        'reset_brcmstb',
        'bcm2835_wdt',
        'raspberrypi_hwmon',
        'virtio_blk',
        'virtio_mmio',
        'virtio_pci',
      ],
    ],
  },
};
