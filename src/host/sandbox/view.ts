import { VIEW } from '../../model/view.ts'

/** Files of /etc that programs expect; nothing in them comes from the host. */
export const ETC_FILES: Readonly<Record<string, string>> = {
  passwd: `root:x:0:0:root:/:/bin/sh\ncodex:x:${VIEW.uid}:${VIEW.gid}:codex:${VIEW.home}:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n`,
  group: `root:x:0:\ncodex:x:${VIEW.gid}:\nnogroup:x:65534:\n`,
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
  hosts: `127.0.0.1 localhost ${VIEW.hostname}\n::1 localhost\n`,
}

/** Parts of the host's /etc that the dynamic linker, alternatives, TLS libraries, fontconfig and Debian's Chromium need; they hold no secrets. */
export const SHARED_ETC = [
  'ld.so.cache',
  'alternatives',
  'ssl/certs',
  'ssl/openssl.cnf',
  'fonts',
  'chromium.d',
] as const

/** Folders of the operating system, shown read-only; the first is always there. */
export const SYSTEM_FOLDERS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/libx32', '/lib64', '/nix/store'] as const

/**
 * Parts of /proc that are the machine's and not the action's, shown read-only: where codex runs as root they belong to the
 * action's own user, and writing to some of them runs programs on the host (core_pattern).
 */
export const MACHINE_PROC = ['acpi', 'bus', 'fs', 'irq', 'scsi', 'sys', 'sysrq-trigger'] as const

/** Space that an action may fill beside its files, in bytes each. */
export const PRIVATE_SPACE: { readonly temporary: number; readonly home: number; readonly shared: number } = {
  temporary: 1024 ** 3,
  home: 256 * 1024 ** 2,
  shared: 256 * 1024 ** 2,
}
