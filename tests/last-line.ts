import { writeSync } from 'node:fs'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/** Prints `N passed, N failed` (and `, N skipped`) as the very last line of a run. */
export class LastLine implements Reporter {
  #count = { passed: 0, failed: 0, skipped: 0 }

  onInit() {
    // Other reporters and the set-up's end still write after the run: only the end of the process is last.
    process.once('exit', (code) => {
      const { passed, failed, skipped } = this.#count
      // What fails outside every test (the set-up, a run without a test) still fails the run.
      const failures = failed === 0 && code !== 0 ? 1 : failed
      writeSync(1, `${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
    })
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]) {
    const count = { passed: 0, failed: 0, skipped: 0 }
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      for (const test of tests) {
        const { state } = test.result()
        if (state !== 'pending') count[state] += 1
      }
      // A file that could not be loaded, or whose hooks failed, holds no failed test of its own.
      if (!module.ok() && !tests.some((test) => test.result().state === 'failed')) count.failed += 1
    }
    count.failed += unhandledErrors.length
    this.#count = count
  }
}
