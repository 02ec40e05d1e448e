import { describe, expect, it } from 'vitest'
import { NO_CAPABILITIES } from '../../src/model/grant.ts'
import { environmentOf } from '../../src/plan/environment.ts'
import { commandAction } from '../support/actions.ts'

describe('environmentOf', () => {
  it('is the same on every machine, whatever the caller has', () => {
    const env = environmentOf(commandAction('p:steps/a'), {
      PATH: '/evil',
      TZ: 'Asia/Tokyo',
      HOME: '/root',
      SECRET: 'x',
    })
    expect(env).toEqual({
      CI: 'true',
      CODEX_ACTION: 'p:steps/a',
      CODEX_PACK: 'p',
      HOME: '/home/codex',
      LANG: 'C.UTF-8',
      LC_ALL: 'C.UTF-8',
      PATH: '/opt/codex/bin:/usr/bin:/bin',
      SOURCE_DATE_EPOCH: '315532800',
      TMPDIR: '/tmp',
      TZ: 'UTC',
    })
    expect(Object.keys(env)).toEqual(Object.keys(env).toSorted())
  })

  it('tells an action that has a network, and no other, of its proxy', () => {
    const network = { ...NO_CAPABILITIES, network: ['example.org:443'] }
    const [without, granted] = [NO_CAPABILITIES, network].map((capabilities) =>
      environmentOf(commandAction('p:steps/a', { capabilities }), { HTTP_PROXY: 'http://evil.example:1' }),
    )
    const url = 'http://127.0.0.1:3128'
    expect(granted).toEqual({
      ...without,
      ...{ HTTP_PROXY: url, HTTPS_PROXY: url, ALL_PROXY: url, NO_PROXY: '', NODE_USE_ENV_PROXY: '1' },
      ...{ http_proxy: url, https_proxy: url, all_proxy: url, no_proxy: '' },
    })
    expect(Object.keys(without ?? {}).filter((name) => /proxy/i.test(name))).toEqual([])
  })

  it('tells an agent what is asked of it', () => {
    const env = environmentOf(commandAction('p:steps/a', { agent: 'verify' }), { CODEX_AGENT_PHASE: 'implement' })
    expect(env['CODEX_AGENT_PHASE']).toBe('verify')
  })

  it('adds what the pack declares and passes through, and leaves out what the caller has not set', () => {
    const action = commandAction('p:steps/a', {
      env: { LEVEL: '3', FLAVOR: 'default', TZ: 'Europe/Berlin' },
      passEnv: ['FLAVOR', 'ABSENT', 'UNSET', 'toString', 'EMPTY'],
    })
    const env = environmentOf(action, { FLAVOR: 'mint', UNSET: undefined, EMPTY: '' })
    expect(env).toMatchObject({ LEVEL: '3', FLAVOR: 'mint', TZ: 'Europe/Berlin', EMPTY: '' })
    for (const name of ['ABSENT', 'UNSET', 'toString']) expect(Object.hasOwn(env, name)).toBe(false)
  })

  it('keeps a literal where the caller has not set the variable', () => {
    const action = commandAction('p:steps/a', { env: { FLAVOR: 'default' }, passEnv: ['FLAVOR'] })
    expect(environmentOf(action, {})).toMatchObject({ FLAVOR: 'default' })
  })

  it('lets nothing claim to be another action, and takes every name for what it is', () => {
    const action = commandAction('p:steps/a', {
      env: JSON.parse('{"CODEX_ACTION":"q:steps/b","__proto__":"x"}') as Record<string, string>,
      passEnv: ['CODEX_PACK'],
    })
    const env = environmentOf(action, { CODEX_PACK: 'q' })
    expect(env).toMatchObject({ CODEX_ACTION: 'p:steps/a', CODEX_PACK: 'p' })
    expect(Object.entries(env)).toContainEqual(['__proto__', 'x'])
  })
})
