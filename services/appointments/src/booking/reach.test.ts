import { expect, it } from 'vitest'
import { reachOf } from './reach.js'

it('knows of each channel how the person is met', () => {
  expect([0, 1, 2, 3, 4].map(reachOf as (channel: number) => string)).toEqual([
    'comes',
    'comes',
    'call',
    'link',
    'home',
  ])
})
