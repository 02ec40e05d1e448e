import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/fixtures/**', 'test/golden/**'],
    globalSetup: ['.config/vitest-build.ts'],
    // Output that depends on the terminal or the place of whoever runs the tests would make them differ.
    env: { NO_COLOR: '1', TZ: 'UTC' },
    // Much of the time a test waits for programs that it has started: no processor is kept back.
    maxWorkers: '100%',
    // The machine may be busy; a test that hangs is still ended.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // A shared machine may stand still for longer than a program is waited for; what fails twice has failed.
    retry: process.env['CI'] === undefined ? 0 : 1,
    restoreMocks: true,
    unstubEnvs: true,
  },
})

export default config
