import { describe, expect, it } from 'vitest'
import { apiUrlOf, branchName, isBranchName, parseRemote, safeApiUrl } from '../../src/publish/target.ts'

describe('the remote', () => {
  it.each([
    ['https://github.com/acme/shop.git', 'github.com', 'acme/shop'],
    ['https://github.com/acme/shop', 'github.com', 'acme/shop'],
    ['https://user:secret@GitHub.com/acme/shop.js.git/', 'github.com', 'acme/shop.js'],
    ['git@github.com:acme/shop.git', 'github.com', 'acme/shop'],
    ['ssh://git@ssh.github.com:443/acme/shop.git', 'ssh.github.com', 'acme/shop'],
    ['https://ghe.example.org:8443/acme/shop.git', 'ghe.example.org:8443', 'acme/shop'],
    ['git@ghe.example.org:acme/shop', 'ghe.example.org', 'acme/shop'],
  ])('%s', (url, host, repository) => {
    expect(parseRemote(url)).toEqual({ host, repository })
  })

  it.each([
    '',
    '/srv/git/shop.git',
    '../shop',
    'file:///srv/acme/shop',
    'https://github.com/acme',
    'https://github.com/a/b/c',
    'https://github.com/acme/..',
  ])('%s names none', (url) => expect(parseRemote(url)).toBeNull())
})

describe('a token', () => {
  it("is for GitHub's own servers, and others that somebody names", () => {
    expect(apiUrlOf('github.com')).toBe('https://api.github.com')
    expect(apiUrlOf('acme.ghe.com')).toBe('https://api.acme.ghe.com')
    for (const host of [
      'ghe.example.org',
      'github.com.evil.example',
      'evil-github.com',
      'evilghe.com',
      'x.y.ghe.com.evil.example',
    ]) {
      expect(apiUrlOf(host)).toBeNull()
    }
    expect(safeApiUrl('https://ghe.example.org/api/v3/')).toBe('https://ghe.example.org/api/v3')
    expect(safeApiUrl('http://127.0.0.1:8080')).toBe('http://127.0.0.1:8080')
    for (const url of [
      'http://ghe.example.org',
      'https://user@ghe.example.org',
      'ftp://x',
      'x',
      'https://x/?a=b',
      'http://127.0.0.1.evil.example',
    ]) {
      expect(safeApiUrl(url)).toBeNull()
    }
  })
})

describe('a branch', () => {
  it('is the same for the same pack and target', () => {
    const naming = { pack: 'bump', target: null, prefix: 'codex/', name: null }
    expect(branchName(naming)).toBe('codex/bump')
    expect(branchName({ ...naming, target: 'v2' })).toBe('codex/bump/v2')
    expect(branchName({ ...naming, prefix: 'bots/' })).toBe('bots/bump')
    expect(branchName({ ...naming, name: 'mine', target: 'v2' })).toBe('mine')
  })

  it('has a name that git takes', () => {
    for (const name of ['codex/bump', 'a', 'a.b/c-d', 'ä']) expect(isBranchName(name), name).toBe(true)
    for (const name of [
      '',
      '/a',
      'a/',
      'a//b',
      'a..b',
      '-a',
      'a b',
      'a~1',
      'a^',
      'a:b',
      'a?',
      'a*',
      'a[',
      'a\\b',
      'a.lock',
      'a.lock/b',
      '.a',
      'a/.b',
      'a.',
      '@',
      'a@{b',
      'a\n',
    ]) {
      expect(isBranchName(name), name).toBe(false)
    }
  })
})
