// The images as data. A board is a kind of machine that an image is for; a new one is a line here, its packages in packages/BOARD.txt, its
// files in overlay/BOARD, and a module that makes its disk (vm.mjs). Everything else is shared.

/** Modules that the initramfs needs on any board to find and mount what it boots. */
const MOUNTING = ['squashfs', 'overlay', 'ext4', 'crc32c_generic', 'vfat', 'nls_ascii', 'nls_cp437'];

export const BOARDS = {
  vm: {
    id: 'vm',
    architecture: 'amd64',
    /** Of PLATFORMS in image/executables. */
    node: 'linux-x64',
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
};
