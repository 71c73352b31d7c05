import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAgency, ruleSource, system } from '../agency.fixture.js'
import { getRelease } from './get-release.js'
import { listReleases } from './list-releases.js'
import { publishRelease } from './publish-release.js'

let agency: Awaited<ReturnType<typeof openAgency>>
beforeAll(async () => {
  agency = await openAgency()
})
afterAll(() => agency.close())

const publish = async (source: string, replaces = '') =>
  (await publishRelease(agency).handle({ source, replaces }, system())).release
const list = (given = {}) =>
  listReleases(agency).handle({ benefit: '', day: '', pageSize: 0, pageToken: '', ...given }, system())

describe('PublishRelease', () => {
  it.each([
    ['no YAML', 'benefit: [', /YAML/],
    ['a key that no release has', `${ruleSource()}\nextra: 1\n`, /extra/],
    ['a case that does not come out', ruleSource().replace("answer: 'no'", "answer: 'yes'"), /above it expects yes/],
    ['a unit that does not fit', ruleSource().replace('1000 €/an', '1000 personne'), /unit/],
    [
      'a source that nobody may give',
      ruleSource({ sources: '[{ evidenceType: income, field: address, purpose: rate }]' }),
      /facts\/revenu\/sources\/0 can be had from nobody/,
    ],
    [
      'a source that a search for rights would ask about two people',
      ruleSource({ sources: '[{ evidenceType: income, field: is-low, purpose: search }]' }),
      /can be had from nobody/,
    ],
  ])('refuses %s, says where, and keeps nothing', async (_, source, faults) => {
    await expect(publish(source)).rejects.toMatchObject({
      reason: 'RULE_RELEASE_INVALID',
      facts: { faults: expect.stringMatching(faults) },
    })
    expect((await list()).releases).toEqual([])
  })

  it('refuses five megabytes by their size, and reads nothing of them', async () => {
    await expect(publish('a: &a [1]\n'.repeat(500_000))).rejects.toMatchObject({
      reason: 'RULE_RELEASE_INVALID',
      facts: { faults: '(the whole) has 5000000 bytes; 65536 at most' },
    })
  })

  it('keeps a release under the hash of its bytes, once however often it comes', async () => {
    const source = ruleSource()
    const [first, ...others] = await Promise.all([publish(source), publish(source), publish(source)])
    expect(first).toMatchObject({
      benefit: 'grant',
      validFrom: '2026-01-01',
      validTo: '2026-12-31',
      author: 'Ada Auteure',
      reviewer: 'René Relecteur',
      legalReferences: [{ citation: 'article 1', checked: 'known', source: '' }],
      replacedBy: '',
    })
    expect(others).toEqual([first, first])
    const kept = await getRelease(agency).handle({ sha256: first?.sha256 ?? '' }, system())
    expect(kept).toEqual({ release: first, source })
  })

  it('refuses another release for some of the same days, whoever was first', async () => {
    const overlapping = ruleSource({ validFrom: '2026-12-31', validTo: '', ceiling: '2000' })
    const [{ sha256 = '' } = {}] = (await list({ benefit: 'grant' })).releases
    await expect(publish(overlapping)).rejects.toMatchObject({
      reason: 'RULE_RELEASE_OVERLAPS',
      facts: { release: sha256 },
    })
    const rivals = [3, 4].map((year) =>
      publish(ruleSource({ validFrom: '2030-01-01', validTo: '2030-12-31', ceiling: `${year}000` })),
    )
    const settled = await Promise.allSettled(rivals)
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('lets a release take the place of one that began on the same day, which stays on record', async () => {
    const [before] = (await list({ day: '2026-06-01' })).releases
    const source = ruleSource({ ceiling: '1500' })
    await expect(publish(source, 'f'.repeat(64))).rejects.toMatchObject({ reason: 'RULE_RELEASE_UNKNOWN' })
    const after = await publish(source, before?.sha256)
    expect((await list({ day: '2026-06-01' })).releases).toEqual([after])
    const kept = await getRelease(agency).handle({ sha256: before?.sha256 ?? '' }, system())
    expect(kept.release).toEqual({ ...before, replacedBy: after?.sha256 })
  })
})

describe('ListReleases', () => {
  it.each([{ benefit: 'No Benefit' }, { day: '2026-02-30' }, { pageSize: 201 }])('refuses %j', (given) => {
    const whole = { benefit: '', day: '', pageSize: 0, pageToken: '', ...given }
    expect(listReleases(agency).request.safeParse(whole).success).toBe(false)
  })

  it('refuses a page token of other filters, and one that is none', async () => {
    const { nextPageToken } = await list({ benefit: 'grant', pageSize: 1 })
    await expect(list({ pageToken: nextPageToken })).rejects.toMatchObject({ reason: 'PAGE_TOKEN_MISMATCH' })
    await expect(list({ pageToken: 'elsewhere' })).rejects.toMatchObject({ reason: 'PAGE_TOKEN_MISMATCH' })
  })

  it('finds the same in pages of one as at once, by benefit and the latest validity first', async () => {
    await publish(ruleSource({ benefit: 'another-grant' }))
    const { releases } = await list()
    const paged: string[] = []
    for (let pageToken = ''; ; ) {
      const page = await list({ pageSize: 1, pageToken })
      paged.push(...page.releases.map(({ sha256 }) => sha256))
      pageToken = page.nextPageToken
      if (pageToken === '') break
    }
    expect(paged).toEqual(releases.map(({ sha256 }) => sha256))
    const order = releases.map(({ benefit, validFrom }) => `${benefit} ${validFrom}`)
    expect(order).toEqual(['another-grant 2026-01-01', 'grant 2030-01-01', 'grant 2026-01-01', 'grant 2026-01-01'])
  })
})

describe('GetRelease', () => {
  it('knows no release that was never published', async () => {
    await expect(getRelease(agency).handle({ sha256: 'a'.repeat(64) }, system())).rejects.toMatchObject({
      reason: 'RULE_RELEASE_UNKNOWN',
    })
  })
})

describe('a release for a search for rights', () => {
  it('takes a source that only a search for rights may ask', async () => {
    const sources = '[{ evidenceType: income, field: amount, purpose: search }]'
    expect(await publish(ruleSource({ benefit: 'searched', sources }))).toMatchObject({ benefit: 'searched' })
  })
})
