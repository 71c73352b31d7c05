import { defineConfig } from 'vitest/config'
import { LastLine } from './tests/last-line.js'

// Workspaces resolve to their sources, so a test never runs against an old build. The others are Vite's own for Node.
const conditions = ['source', 'module', 'node', 'development|production']

const project = (name: string, include: string[], test: { testTimeout?: number; fileParallelism?: boolean } = {}) => ({
  extends: true as const,
  test: { name, include, ...test },
})

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  environments: { __vitest__: { resolve: { conditions, externalConditions: conditions } } },
  test: {
    globalSetup: './tests/setup.ts',
    reporters: ['default', new LastLine()],
    maxWorkers: 2,
    projects: [
      project('unit', ['{proto,gateway,deploy,services/*}/**/*.test.{ts,mjs}'], { testTimeout: 20_000 }),
      project('boundaries', ['tests/*.test.ts', 'tests/boundaries/**/*.test.ts']),
      project('contracts', ['tests/contracts/**/*.test.ts'], { testTimeout: 30_000 }),
      project('journeys', ['tests/journeys/**/*.test.ts'], { testTimeout: 60_000 }),
      project('browser', ['tests/browser/**/*.test.ts'], { testTimeout: 60_000, fileParallelism: false }),
    ],
  },
})
