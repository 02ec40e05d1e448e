import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cgroupFolder, findCgroup, type CgroupTexts } from '../../src/host/sandbox/cgroup-place.ts'
import { temporaryFolder } from './rig.ts'

const SYSTEMD: CgroupTexts = {
  mountinfo: `22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw,errors=remount-ro
23 22 0:21 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
24 22 0:22 / /proc rw,nosuid,nodev,noexec,relatime shared:13 - proc proc rw
31 23 0:27 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
`,
  cgroup: '0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-r0b1f.scope\n',
}

const DOCKER: CgroupTexts = {
  mountinfo: `473 387 0:143 / / rw,relatime master:181 - overlay overlay rw,lowerdir=/l/A:/l/B,upperdir=/u,workdir=/w
474 473 0:146 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
477 473 0:149 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs ro
486 477 0:30 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate
`,
  cgroup: '0::/\n',
}

const HYBRID: CgroupTexts = {
  mountinfo: `28 22 0:25 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 28 0:29 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
35 28 0:32 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
36 28 0:33 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
37 28 0:34 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`,
  cgroup: '9:name=systemd:/\n8:pids:/\n4:memory:/box/8c618ab7\n3:cpuset:/\n0::/\n',
}

const PODMAN: CgroupTexts = {
  mountinfo: `660 612 0:54 / / rw,relatime - overlay overlay rw,lowerdir=/l/C,upperdir=/u,workdir=/w,userxattr
668 660 0:58 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs rw
675 668 0:27 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate,memory_recursiveprot
`,
  cgroup: '0::/\n',
}

const WSL2: CgroupTexts = {
  mountinfo: `70 64 8:32 / / rw,relatime - ext4 /dev/sdc rw,discard,errors=remount-ro,data=ordered
84 83 0:27 / /sys/fs/cgroup ro,nosuid,nodev,noexec - tmpfs tmpfs ro,mode=755
85 84 0:28 / /sys/fs/cgroup/unified rw,nosuid,nodev,noexec,relatime - cgroup2 cgroup2 rw,nsdelegate
88 84 0:31 / /sys/fs/cgroup/memory rw,nosuid,nodev,noexec,relatime - cgroup cgroup rw,memory
`,
  cgroup: '12:memory:/\n1:name=systemd:/\n0::/init.scope\n',
}

describe('the cgroup that a process is in', () => {
  it.each([
    ['under systemd', SYSTEMD, `/sys/fs/cgroup${SYSTEMD.cgroup.trim().slice(3)}`],
    ['in Docker', DOCKER, 'read-only'],
    ['beside cgroups of version 1', HYBRID, '/sys/fs/cgroup/unified'],
    ['in Podman without root', PODMAN, 'read-only'],
    ['in WSL 2', WSL2, '/sys/fs/cgroup/unified/init.scope'],
    [
      'in a container that may write',
      { ...DOCKER, mountinfo: DOCKER.mountinfo.replaceAll(' ro,', ' rw,') },
      '/sys/fs/cgroup',
    ],
    ['where nothing tells of any', { mountinfo: '', cgroup: '' }, 'no-hierarchy'],
    [
      'with version 1 alone',
      { mountinfo: HYBRID.mountinfo.replace('cgroup2 cgroup2', 'cgroup x'), cgroup: '4:memory:/a\n' },
      'no-hierarchy',
    ],
    [
      'where it is not mounted',
      { ...SYSTEMD, mountinfo: DOCKER.mountinfo.replace('cgroup2', 'tmpfs') },
      'no-hierarchy',
    ],
    ['out of its namespace', { ...SYSTEMD, cgroup: '0::/../run-r1.scope\n' }, 'no-hierarchy'],
    ['that was removed since', { ...SYSTEMD, cgroup: '0::/a/../..\n' }, 'no-hierarchy'],
  ])('is found, or not, %s', (_, texts, found) => {
    const folder = cgroupFolder(texts)
    expect(folder.ok ? folder.value : folder.error).toBe(found)
  })

  it('is looked for below what a mount shows of the hierarchy', () => {
    const mountinfo = '9 1 0:30 /docker/1a /sys/fs/cgroup rw - cgroup2 cgroup rw\n'
    expect(cgroupFolder({ mountinfo, cgroup: '0::/docker/1a/b\n' })).toEqual({ ok: true, value: '/sys/fs/cgroup/b' })
    expect(cgroupFolder({ mountinfo, cgroup: '0::/docker/1a\n' })).toEqual({ ok: true, value: '/sys/fs/cgroup' })
    expect(cgroupFolder({ mountinfo, cgroup: '0::/docker/1ab\n' })).toMatchObject({ error: 'no-hierarchy' })
  })

  it('is looked for in the last of several mounts', () => {
    const second = '40 31 0:27 / /other\\040place rw - cgroup2 none rw\n'
    const mountinfo = SYSTEMD.mountinfo + second
    expect(cgroupFolder({ mountinfo, cgroup: '0::/a\n' })).toEqual({ ok: true, value: '/other place/a' })
    const masked = mountinfo + second.replace('rw - ', 'ro - ')
    expect(cgroupFolder({ mountinfo: masked, cgroup: '0::/a\n' })).toMatchObject({ error: 'read-only' })
  })

  it('is something or nothing, whatever the texts are', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (mountinfo, cgroup) => {
        expect(cgroupFolder({ mountinfo, cgroup })).toHaveProperty('ok')
      }),
    )
  })
})

describe('a cgroup', () => {
  let place = ''

  beforeAll(() => {
    place = temporaryFolder()
  })

  afterAll(() => rmSync(place, { recursive: true, force: true }))

  it.each([
    ['cpu io memory pids', 'domain', true],
    ['memory pids', null, true],
    ['cpu pids', 'domain', 'no-controllers'],
    ['cpuset cpu io memory hugetlb', 'domain', 'no-controllers'],
    ['', null, 'no-controllers'],
    ['memory pids', 'threaded', 'threaded'],
    ['memory pids', 'domain threaded', 'threaded'],
    ['memory pids', 'domain invalid', 'threaded'],
  ])('with the controllers "%s" and the type %s is used, or why not: %s', (controllers, type, expected) => {
    const folder = join(place, `${controllers} ${type}`.replaceAll(' ', '-'))
    mkdirSync(folder)
    writeFileSync(join(folder, 'cgroup.controllers'), `${controllers}\n`)
    if (type !== null) writeFileSync(join(folder, 'cgroup.type'), `${type}\n`)
    const found = findCgroup({ mountinfo: `9 1 0:30 / ${folder} rw - cgroup2 none rw\n`, cgroup: '0::/\n' })
    expect(found.ok || found.error).toBe(expected)
  })
})
