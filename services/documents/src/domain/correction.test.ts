import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { members, types } from '../federation.fixture.js'
import { record } from '../record.fixture.js'
import { isReceivedFrom, isToBeTold, isWrong, versionsFault } from './correction.js'

const wrong = { firstVersion: 2, lastVersion: 4, correctedVersion: 5 }
const version = fc.integer({ min: -2, max: 9 })

describe('wrong versions', () => {
  it('are refused out of order, with the field', () => {
    expect(versionsFault({ ...wrong, firstVersion: 0 })).toBe('firstVersion')
    expect(versionsFault({ ...wrong, lastVersion: 1 })).toBe('lastVersion')
    expect(versionsFault({ ...wrong, correctedVersion: 4 })).toBe('correctedVersion')
    expect(versionsFault({ ...wrong, correctedVersion: -1 })).toBe('correctedVersion')
  })

  it('never count the right one among the wrong', () => {
    fc.assert(
      fc.property(version, version, version, (firstVersion, lastVersion, correctedVersion) => {
        const versions = { firstVersion, lastVersion, correctedVersion }
        if (versionsFault(versions) === undefined) expect(isWrong(versions, correctedVersion)).toBe(false)
      }),
    )
  })
})

describe('whom a correction is told', () => {
  it('leaves out what was not released, another type and another version', () => {
    const others = [
      record({ evidence_version: 3, kind: 'request', outcome: 'sent' }),
      record({ evidence_version: 3, kind: 'receipt' }),
      record({ evidence_version: 3, outcome: 'absent' }),
      record({ evidence_version: 3, kind: 'refusal', outcome: 'refused' }),
      record({ evidence_version: 3, evidence_type: types.household }),
      record({ evidence_version: 1 }),
      record({ evidence_version: 5 }),
    ]
    expect(others.filter((each) => isToBeTold(each, types.income, wrong))).toEqual([])
  })

  it('is every requester of a wrong version', () => {
    for (const evidence_version of [2, 3, 4])
      expect(isToBeTold(record({ evidence_version }), types.income, wrong)).toBe(true)
  })
})

describe('a correction that is heard', () => {
  const asked = record({ kind: 'request', outcome: 'sent', counterparty: members.provider })
  const receipt = record({ kind: 'receipt', evidence_version: 3, counterparty: members.provider })
  const said = { evidenceType: types.income, wrongVersion: 3 }

  it('counts from nobody but the member that released', () => {
    expect(isReceivedFrom(members.stranger, { asked, receipt }, said)).toBe(false)
  })

  it('counts for what was received only', () => {
    const { provider } = members
    expect(isReceivedFrom(provider, { asked, receipt }, { ...said, evidenceType: types.household })).toBe(false)
    expect(isReceivedFrom(provider, { asked, receipt }, { ...said, wrongVersion: 2 })).toBe(false)
    expect(isReceivedFrom(provider, { asked, receipt: { ...receipt, outcome: 'absent' } }, said)).toBe(false)
    expect(isReceivedFrom(provider, { asked, receipt }, said)).toBe(true)
  })

  it('counts where the answer was never confirmed here', () => {
    expect(isReceivedFrom(members.provider, { asked, receipt: undefined }, said)).toBe(true)
  })
})
