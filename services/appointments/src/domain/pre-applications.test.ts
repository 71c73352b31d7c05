import { describe, expect, it } from 'vitest'
import type { BookingWay } from './booking-rules.js'
import { preApplicationsFault } from './pre-applications.js'

const identity = { hubReasons: ['CNI'] }
const [one, two] = ['ABCDE12345', 'ZZZZZ00000']

describe('pre-applications', () => {
  it.each<[string[], number, BookingWay, string]>([
    [[], 1, 'person', 'preApplications'],
    [[one], 2, 'person', 'preApplications'],
    [[one, two], 1, 'helper', 'preApplications'],
    [[one], 2, 'agent', 'preApplications'],
    [[one, one], 2, 'person', 'preApplications.1'],
    [['abcde12345'], 1, 'person', 'preApplications.0'],
    [['ABCDE1234'], 1, 'agent', 'preApplications.0'],
    [['ABCDE12345 '], 1, 'person', 'preApplications.0'],
  ])('%j for %i documents are refused to a %s', (given, units, way, field) => {
    expect(preApplicationsFault(given, identity, units, way)).toMatchObject({ field })
  })

  it('are one of each document, and an agent books without any', () => {
    expect(preApplicationsFault([one, two], identity, 2, 'person')).toBeUndefined()
    expect(preApplicationsFault([], identity, 2, 'agent')).toBeUndefined()
    expect(preApplicationsFault([], { hubReasons: [] }, 2, 'person')).toBeUndefined()
  })
})
