import { Deadline } from '@unefois/chassis/deadline'
import { importPrivateKey } from '@unefois/proto/keys'
import { MeshError } from '@unefois/proto/reasons'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from './clock.fixture.js'
import { basis, keyOf, members, person, purposes, startSeconds, ticket, ticketClaims } from './federation.fixture.js'
import { federationOf } from './federation-holder.fixture.js'
import { Tickets, type TicketWish } from './tickets.js'

const wish: TicketWish = {
  subject: person('ada'),
  provider: members.provider,
  purpose: purposes.rate,
  basisId: basis('told'),
  loginHandle: '',
}

let clock: ManualClock
let federation: ReturnType<typeof federationOf>
let asks: { wish: TicketWish; answer: (ticket: string, lifeSeconds?: number) => void; fail: (error: unknown) => void }[]
let tickets: Tickets
const call = (deadlineMs = 10_000) => ({ deadline: Deadline.after(deadlineMs, clock) })

beforeEach(() => {
  clock = new ManualClock()
  federation = federationOf(clock)
  asks = []
  tickets = new Tickets({
    identity: {
      requestTicket: (asked) =>
        new Promise((resolve, fail) => {
          asks.push({
            wish: asked,
            answer: (made, lifeSeconds = 3600) =>
              resolve({ ticket: made, expiresAtSeconds: Math.floor(clock.nowMs() / 1000) + lifeSeconds }),
            fail,
          })
        }),
    },
    runtime: { clock, federation, member: members.provider },
    sealKey: importPrivateKey(keyOf(members.provider, 'seal', 'documents')),
  })
})

describe('asking for a ticket', () => {
  it('passes a refusal on to all who wait, and asks again the next time', async () => {
    const waiting = Promise.allSettled([tickets.request(wish, call()), tickets.request(wish, call())])
    asks[0]?.fail(new MeshError('SUBJECT_UNKNOWN'))
    for (const outcome of await waiting) expect(outcome).toMatchObject({ reason: { reason: 'SUBJECT_UNKNOWN' } })
    expect(asks).toHaveLength(1)
    void tickets.request(wish, call())
    expect(asks).toHaveLength(2)
  })

  it('asks once for many who wish the same at the same time, and never again while the ticket lives', async () => {
    const waiting = Promise.all(Array.from({ length: 50 }, () => tickets.request(wish, call())))
    asks[0]?.answer('one')
    expect(new Set(await waiting)).toEqual(new Set(['one']))
    clock.advance(3_539_000)
    expect(await tickets.request(wish, call())).toBe('one')
    expect(asks).toHaveLength(1)
  })

  it('asks anew for a ticket that has no minute left', async () => {
    const first = tickets.request(wish, call())
    asks[0]?.answer('first')
    await first
    clock.advance(3_540_000)
    const second = tickets.request(wish, call())
    asks[1]?.answer('second')
    expect(await second).toBe('second')
  })

  it('gives nobody the ticket of another wish', async () => {
    const others = [
      { subject: person('bob') },
      { provider: members.stranger },
      { purpose: purposes.card },
      { basisId: basis('other') },
      { loginHandle: 'a-login' },
    ]
    const waiting = Promise.all(
      [wish, ...others.map((other) => ({ ...wish, ...other }))].map((each) => tickets.request(each, call())),
    )
    expect(asks).toHaveLength(6)
    for (const [at, ask] of asks.entries()) ask.answer(`ticket ${at}`)
    expect(await waiting).toEqual([0, 1, 2, 3, 4, 5].map((at) => `ticket ${at}`))
    expect(asks.map((ask) => ask.wish).slice(1)).toEqual(others.map((other) => ({ ...wish, ...other })))
  })

  it('asks again for those who have more time than whoever asked first', async () => {
    const [hurried, patient] = [tickets.request(wish, call(50)), tickets.request(wish, call(10_000))]
    clock.advance(50)
    asks[0]?.fail(new MeshError('DEADLINE_EXCEEDED'))
    await expect(hurried).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' })
    await expect.poll(() => asks.length).toBe(2)
    asks[1]?.answer('in time')
    expect(await patient).toBe('in time')
  })

  it('forgets tickets when another list comes into force, also one that is on its way', async () => {
    const known = tickets.request(wish, call())
    asks[0]?.answer('under the old list')
    await known
    const card = { ...wish, purpose: purposes.card }
    const underway = tickets.request(card, call())
    federation.change()
    asks[1]?.answer('also old')
    expect(await underway).toBe('also old')
    void tickets.request(wish, call())
    void tickets.request(card, call())
    expect(asks).toHaveLength(4)
  })
})

describe('opening a ticket', () => {
  it('refuses one that was not sealed to this member, or not by the identity authority', () => {
    for (const captured of [ticket({ aud: members.stranger }), ticket({}, members.stranger), 'none'])
      expect(() => tickets.open(captured)).toThrowError(expect.objectContaining({ reason: 'TICKET_INVALID' }))
  })

  it('refuses one that has expired, though it was opened before', () => {
    const short = ticket({ exp: startSeconds + 100 })
    expect(tickets.open(short).sub).toBe(person('ada'))
    clock.advance(159_999)
    expect(tickets.open(short).sub).toBe(person('ada'))
    clock.advance(1)
    expect(() => tickets.open(short)).toThrowError(expect.objectContaining({ reason: 'TOKEN_EXPIRED' }))
  })

  it('answers its claims, and opens it once for as long as the same list is in force', () => {
    const compact = ticket()
    const first = tickets.open(compact)
    expect(first).toMatchObject({ ...ticketClaims() })
    expect(tickets.open(compact)).toBe(first)
    federation.change()
    expect(tickets.open(compact)).not.toBe(first)
  })
})
