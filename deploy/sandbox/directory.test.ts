import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isReachable, openDirectory, placeElsewhere, removeElsewhere, resetDirectory } from './directory.js'

let parent: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'unefois-directory-'))
})
afterEach(() => rmSync(parent, { recursive: true }))

const self = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }

describe('data directory', () => {
  it('refuses to delete what does not carry our marker', () => {
    const directory = join(parent, 'photos')
    mkdirSync(directory)
    writeFileSync(join(directory, 'summer.jpg'), '')
    expect(() => resetDirectory(directory)).toThrow('not ours to delete')
    expect(existsSync(join(directory, 'summer.jpg'))).toBe(true)
  })

  it('refuses to move into a folder that holds something else', () => {
    writeFileSync(join(parent, 'summer.jpg'), '')
    expect(() => openDirectory(parent)).toThrow('was not made by Unefois')
  })

  it('opens again, and is deleted with what it keeps elsewhere', () => {
    const directory = openDirectory(join(parent, 'sandbox'))
    expect(openDirectory(directory)).toBe(directory)
    const elsewhere = placeElsewhere(join(directory, 'postgres'), self)
    expect(isReachable(directory)).toBe(false)
    resetDirectory(directory)
    expect([existsSync(directory), existsSync(elsewhere)]).toEqual([false, false])
    expect(() => resetDirectory(directory)).not.toThrow()
  })

  it('finds its content again after a move, and shares it with no copy', () => {
    const [original, copy, moved] = ['original', 'copy', 'moved'].map((name) => join(parent, name)) as [
      string,
      string,
      string,
    ]
    const elsewhere = placeElsewhere(original, self)
    expect(placeElsewhere(original, self)).toBe(elsewhere)
    cpSync(original, copy, { recursive: true })
    removeElsewhere(copy)
    expect(existsSync(elsewhere)).toBe(true)
    expect(placeElsewhere(copy, self)).not.toBe(elsewhere)
    renameSync(original, moved)
    expect(placeElsewhere(moved, self)).toBe(elsewhere)
    for (const directory of [copy, moved]) removeElsewhere(directory)
    expect(existsSync(elsewhere)).toBe(false)
  })
})
