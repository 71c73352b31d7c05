import { personalAccessPurpose } from '@unefois/proto/federation-list'
import { ExchangeMode } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { AccessOutcome, PreviewAnswer } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { afterAll, describe, expect, it } from 'vitest'
import { answerValidityMs } from '../domain/preview.js'
import {
  authorisation,
  basis,
  explicitRequest,
  members,
  notice,
  person,
  portalTicket,
  purposes,
  signedList,
  startMs,
  startSeconds,
  ticket,
  types,
} from '../federation.fixture.js'
import { callFrom } from '../member.fixture.js'
import { deleteEndedAnswers } from '../store/preview-answers.js'
import { toAccess } from './access-view.js'
import { answerPreview } from './answer-preview.js'
import { previewEvidence } from './preview-evidence.js'
import { informed, openProvider, wanted } from './releasing.fixture.js'

const { provider, register, declare, answer, release, recordsOf, expectRefused, close } = await openProvider()
afterAll(close)
const declined = { answer: PreviewAnswer.PREVIEW_ANSWER_DECLINED as PreviewAnswer }

describe('AnswerPreview', () => {
  it.each([
    ['that is none', () => 'no.ticket', 'TICKET_INVALID'],
    ['of another requester', () => portalTicket({ requester: members.requester }), 'TICKET_MISUSED'],
    ['under another basis', () => portalTicket({ basis: basis('other') }), 'TICKET_MISUSED'],
    [
      'of a person who has not logged in',
      () => ticket({ requester: members.desk, purpose: personalAccessPurpose, basis: basis('own-access') }),
      'ASSURANCE_TOO_LOW',
    ],
  ])('refuses a ticket %s', async (_, made, reason) => {
    await expect(answer('ada', { ticket: made() })).rejects.toMatchObject({ reason })
  })

  it('refuses where no authorisation in explicit-request mode is in force', async () => {
    const refused = { reason: 'PURPOSE_NOT_AUTHORISED' }
    await expect(answer('ada', { purpose: purposes.rate })).rejects.toMatchObject(refused)
    await expect(answer('ada', { purpose: purposes.card })).rejects.toMatchObject(refused)
    await expect(answer('ada', { purpose: 'curiosity' })).rejects.toMatchObject(refused)
    await expect(answer('ada', { requester: members.stranger })).rejects.toMatchObject(refused)
  })

  it.each([[{ answer: 0 }], [{ answer: 3 }], [{ requestedBasisId: 'none' }], [{ evidenceVersion: -1 }]])(
    'refuses a malformed request: %j',
    (given) => {
      const request = {
        ticket: 'a.ticket',
        basisId: basis('own-access'),
        requester: members.requester,
        evidenceType: types.income,
        purpose: purposes.grant,
        requestedBasisId: basis('wanted'),
        answer: 1,
        evidenceVersion: 1,
      }
      expect(answerPreview(provider).request.safeParse(request).success).toBe(true)
      expect(answerPreview(provider).request.safeParse({ ...request, ...given }).success).toBe(false)
    },
  )

  it('says until when a yes counts, and puts nothing on record', async () => {
    expect(await answer('yes')).toEqual({ validUntilMs: startMs + answerValidityMs })
    expect(await recordsOf('yes')).toEqual([])
  })

  it('puts a no on record once, for the person to find', async () => {
    await answer('no', declined)
    await answer('no', declined)
    const [found, ...others] = await provider.accesses.list(person('no'), undefined, 10)
    expect(others).toEqual([])
    expect(found && toAccess(found)).toMatchObject({
      counterparty: members.requester,
      purpose: purposes.grant,
      mode: ExchangeMode.EXCHANGE_MODE_EXPLICIT_REQUEST,
      outcome: AccessOutcome.ACCESS_OUTCOME_REFUSED,
      reason: 'PREVIEW_DECLINED',
      fields: [],
    })
  })
})

describe('ReleaseEvidence in explicit-request mode', () => {
  it('refuses without a statement, and with that of another mode or of another exchange', async () => {
    await expectRefused('bare', wanted('bare', { statement: '' }), 'STATEMENT_REQUIRED')
    const told = notice({ basis: basis('wanted'), purpose: purposes.grant })
    await expectRefused('noticed', wanted('noticed', { statement: told }), 'STATEMENT_MISMATCH')
    const other = explicitRequest({ basis: basis('other') })
    await expectRefused('other', wanted('other', { statement: other }), 'STATEMENT_MISMATCH')
    const forged = explicitRequest({}, members.stranger)
    await expectRefused('forged', wanted('forged', { statement: forged }), 'STATEMENT_MISMATCH')
  })

  it('refuses an explicit request where a notice is owed', async () => {
    const statement = explicitRequest({ basis: basis('told'), purpose: purposes.rate })
    await expectRefused('reverse', informed('reverse', { statement }), 'NOTICE_MISMATCH')
  })

  it('refuses a ticket without the person’s own login, though they confirmed a preview', async () => {
    await declare('absent-minded')
    await answer('absent-minded')
    const claims = { sub: person('absent-minded'), purpose: purposes.grant, basis: basis('wanted') }
    const request = wanted('absent-minded', { ticket: ticket(claims) })
    await expect(release(request)).rejects.toMatchObject({
      reason: 'ASSURANCE_TOO_LOW',
      facts: { required_acr: 'eidas1' },
    })
    expect(await recordsOf('absent-minded')).toMatchObject([{ kind: 'refusal', reason: 'ASSURANCE_TOO_LOW' }])
  })

  it('refuses without a preview, and says so on record', async () => {
    await expectRefused('unseen', wanted('unseen'), 'PREVIEW_REQUIRED')
  })

  it('refuses after a no', async () => {
    await answer('declining', declined)
    await declare('declining')
    await expect(release(wanted('declining'))).rejects.toMatchObject({ reason: 'PREVIEW_DECLINED' })
    expect((await recordsOf('declining')).map(({ outcome, reason }) => `${outcome} ${reason}`)).toEqual([
      'refused PREVIEW_DECLINED',
      'refused PREVIEW_DECLINED',
    ])
  })

  it.each([
    ['person', 'somebody-else', {}],
    ['basis', 'same', { requestedBasisId: basis('elsewhere') }],
    ['evidence type', 'same', { evidenceType: types.household }],
    ['version', 'same', { evidenceVersion: 2 }],
  ])('refuses on the yes for another %s', async (what, whose, given) => {
    const name = `yes-${what.replace(' ', '-')}`
    await answer(whose === 'same' ? name : whose, given)
    await expectRefused(name, wanted(name), 'PREVIEW_REQUIRED')
  })

  it('refuses what changed since it was seen, and releases it once it was seen again', async () => {
    await declare('changing')
    await answer('changing')
    await provider.runtime.postgres.transaction((tx) =>
      provider.evidence.declare(
        tx,
        { subject: person('changing'), evidenceType: types.income },
        { value: { amount: 900, year: 2027 }, asOfMs: startMs, related: [], declaredAtMs: startMs, supersedes: 1 },
      ),
    )
    await expect(release(wanted('changing'))).rejects.toMatchObject({ reason: 'PREVIEW_REQUIRED' })
    await answer('changing', { evidenceVersion: 2 })
    expect((await release(wanted('changing'))).outcome).toMatchObject({ value: { version: 2 } })
  })

  it('refuses a yes that was taken back', async () => {
    await declare('wavering')
    await answer('wavering')
    await answer('wavering', declined)
    await expect(release(wanted('wavering'))).rejects.toMatchObject({ reason: 'PREVIEW_DECLINED' })
    await answer('wavering')
    expect((await release(wanted('wavering'))).outcome?.$case).toBe('evidence')
  })

  it('counts the predicates that it answers', async () => {
    const predicates = [{ predicate: 'low-income', argumentTicket: '' }]
    await declare('counted')
    await answer('counted')
    for (let time = 0; time < 3; time++) await release(wanted('counted', { predicates }))
    await expect(release(wanted('counted', { predicates }))).rejects.toMatchObject({
      reason: 'PREDICATE_LIMIT_REACHED',
    })
  })

  it('answers that there is nothing without a preview: there is nothing to see', async () => {
    expect((await release(wanted('nothing-held'))).outcome?.$case).toBe('otherRoute')
  })

  it('releases what was previewed, to the last value, under its own mode', async () => {
    await declare('happy')
    const asked = { requester: members.requester, evidenceType: types.income, purpose: purposes.grant }
    const seen = await previewEvidence(provider).handle(
      { ticket: portalTicket({ sub: person('happy') }), basisId: basis('own-access'), ...asked },
      callFrom(members.desk, provider.clock),
    )
    expect(seen.outcome).toMatchObject({
      $case: 'evidence',
      value: { valueJson: '{"amount":700,"year":2026}', predicates: [{ predicate: 'low-income', holds: true }] },
    })
    await answer('happy')
    const { outcome } = await release(wanted('happy'))
    expect(outcome).toMatchObject({ $case: 'evidence', value: { valueJson: '{"amount":700,"year":2026}', version: 1 } })
    expect(await recordsOf('happy')).toMatchObject([
      { kind: 'release', outcome: 'released', mode: 'explicit-request', fields: ['amount', 'year'] },
    ])
  })

  it('releases from a register what was previewed', async () => {
    const value = { valueJson: '{"amount":5}', version: 7, asOfMs: startMs, related: [] }
    register.answerWith(async () => ({ answer: { $case: 'found', value } }))
    const request = () => wanted('in-register', { evidenceType: types.household })
    await expect(release(request())).rejects.toMatchObject({ reason: 'PREVIEW_REQUIRED' })
    await answer('in-register', { evidenceType: types.household, evidenceVersion: 7 })
    expect((await release(request())).outcome?.$case).toBe('evidence')
  })

  it('never releases after a no has been answered, however the two race', async () => {
    for (let round = 0; round < 10; round++) {
      const name = `race-${round}`
      await declare(name)
      await answer(name)
      const [released] = await Promise.allSettled([release(wanted(name)), answer(name, declined)])
      const records = await recordsOf(name)
      const [last] = records
      // Newest first: what was released was released before the no, or not at all.
      expect(last?.reason === 'PREVIEW_DECLINED').toBe(true)
      expect(records.some(({ outcome }) => outcome === 'released')).toBe(released.status === 'fulfilled')
      await expect(release(wanted(name))).rejects.toMatchObject({ reason: 'PREVIEW_DECLINED' })
    }
  })

  it('asks for another preview under another authorisation, and when the hour is over', async () => {
    await declare('late')
    await answer('late')
    await provider.publish(
      signedList({
        serial: 2,
        authorisations: [authorisation({ id: 'wider', purpose: purposes.grant, mode: 'explicit-request' })],
      }),
    )
    await expect(release(wanted('late'))).rejects.toMatchObject({ reason: 'PREVIEW_REQUIRED' })
    await answer('late')
    expect((await release(wanted('late'))).outcome?.$case).toBe('evidence')
    provider.clock.advance(answerValidityMs)
    const later = wanted('late', {}, { exp: startSeconds + 86_400 })
    await expect(release(later)).rejects.toMatchObject({ reason: 'PREVIEW_REQUIRED' })
    expect(await deleteEndedAnswers(provider.runtime.postgres, provider.clock.nowMs())).toBeGreaterThan(0)
    expect(await deleteEndedAnswers(provider.runtime.postgres, provider.clock.nowMs())).toBe(0)
  })
})
