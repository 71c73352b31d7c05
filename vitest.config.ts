import { defineConfig } from 'vitest/config'
import { LastLine } from './tests/last-line.js'

// Workspaces resolve to their sources, so a test never runs against an old build. The others are Vite's own for Node.
const conditions = ['source', 'module', 'node', 'development|production']

interface Ways {
  testTimeout?: number
  hookTimeout?: number
  fileParallelism?: boolean
  isolate?: boolean
  globalSetup?: string[]
  /** Projects of one order run together; those that need the machine to themselves come later. */
  sequence?: { groupOrder: number }
}

const project = (name: string, include: string[], test: Ways = {}) => ({
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
    // Of the tests that say that they may run side by side: a browser is on one core, what it looks at on the other.
    maxConcurrency: 2,
    projects: [
      // Without a process for each file: what 150 files import is loaded once for each worker, which halves their CPU time.
      project('unit', ['{proto,gateway,deploy,services/*}/**/*.test.{ts,mjs}'], {
        testTimeout: 60_000,
        isolate: false,
      }),
      project('boundaries', ['tests/*.test.ts', 'tests/boundaries/**/*.test.ts'], { testTimeout: 60_000 }),
      project('contracts', ['tests/contracts/**/*.test.ts'], { testTimeout: 60_000 }),
      // One federation for the journeys and the browser; what ends a process starts a federation of its own (faults).
      project('journeys', ['tests/{journeys,browser}/**/*.test.ts'], {
        testTimeout: 120_000,
        hookTimeout: 120_000,
        fileParallelism: false,
        // One after the other in one process: what they import is loaded once.
        isolate: false,
        sequence: { groupOrder: 1 },
        globalSetup: ['./tests/setup.ts', './tests/federation-setup.ts'],
      }),
      // Each starts a federation of its own.
      project('faults', ['tests/{recorded,faults}/**/*.test.ts'], {
        testTimeout: 120_000,
        hookTimeout: 120_000,
        fileParallelism: false,
        sequence: { groupOrder: 2 },
      }),
    ],
  },
})
