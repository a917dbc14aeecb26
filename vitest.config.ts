import { defineConfig } from 'vitest/config'

/**
 * Four suites: `unit` needs nothing but Node and takes seconds; `e2e` starts real processes; `lan` needs network namespaces; `client`
 * needs a Claude Code client and no network. `npm test` runs the last two inside the namespaces that they need.
 */
const project = (name: string, include: string[], testTimeout: number) => ({
  test: { name, include, testTimeout, hookTimeout: testTimeout, pool: 'forks' as const },
})

export default defineConfig({
  test: {
    projects: [
      project('unit', ['test/*.test.ts', 'test/{unit,contract,vectors,property,mcp,plugin}/**/*.test.ts'], 20_000),
      project('e2e', ['test/e2e/**/*.test.ts'], 120_000),
      project('lan', ['test/lan/**/*.test.ts'], 120_000),
      project('client', ['test/client/**/*.test.ts'], 120_000),
    ],
  },
})
