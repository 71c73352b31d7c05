import { Deadline } from '@unefois/chassis/deadline'
import type { ListKnowingMembersRequest, RequestTicketRequest } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { type Person, PersonalTickets } from './personal-tickets.js'

const person = (given: Partial<Person> = {}): Person => ({
  kind: 'person',
  clientId: 'pages',
  subject: `p1.1.${'a'.repeat(22)}` as never,
  acr: 'eidas1',
  authTimeSeconds: 1,
  loginHandle: 'first login',
  ...given,
})

const open = (lifeSeconds = 3600) => {
  const time = { nowMs: 1_000_000_000 }
  const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs }
  const asked: RequestTicketRequest[] = []
  let isDown = false
  const requestTicket = async (request: RequestTicketRequest) => {
    if (isDown) throw new MeshError('UNAVAILABLE')
    asked.push(request)
    return { ticket: `ticket ${asked.length}`, expiresAtSeconds: time.nowMs / 1000 + lifeSeconds }
  }
  const askedWho: ListKnowingMembersRequest[] = []
  const listKnowingMembers = async (request: ListKnowingMembersRequest) => {
    if (isDown) throw new MeshError('UNAVAILABLE')
    askedWho.push(request)
    const members = ['fund', 'town']
    const expiresAtSeconds = time.nowMs / 1000 + lifeSeconds
    const tickets =
      request.purpose === ''
        ? []
        : ['fund'].map((member) => ({ member, ticket: `of ${askedWho.length}`, basisId: 'b', expiresAtSeconds }))
    return { members, tickets }
  }
  const tickets = new PersonalTickets({ identity: { requestTicket, listKnowingMembers }, clock })
  const knowing = (who: Person, purpose = 'look') => tickets.knowing(who, purpose, 'token', Deadline.after(1000, clock))
  const about = (who: Person, provider = 'fund', purpose = 'look') =>
    tickets.about(who, provider, purpose, Deadline.after(1000, clock))
  const goDown = () => {
    isDown = true
  }
  return { about, knowing, asked, askedWho, time, goDown }
}

describe('a ticket about a logged-in person', () => {
  it('is of one login, person, member and purpose, and serves no other', async () => {
    const { about, asked } = open()
    const first = await about(person())
    const others = [
      await about(person({ loginHandle: 'second login' })),
      await about(person({ subject: `p1.1.${'b'.repeat(22)}` as never })),
      await about(person(), 'town'),
      await about(person(), 'fund', 'declare'),
    ]
    expect(new Set([first, ...others].map(({ ticket }) => ticket)).size).toBe(5)
    expect(new Set(asked.map(({ basisId }) => basisId)).size).toBe(5)
    expect(await about(person())).toEqual(first)
    expect(asked).toHaveLength(5)
  })

  it('is asked for anew after a minute, and in the second half of its own time', async () => {
    const long = open()
    await long.about(person())
    long.time.nowMs += 59_999
    expect((await long.about(person())).ticket).toBe('ticket 1')
    long.time.nowMs += 1
    expect((await long.about(person())).ticket).toBe('ticket 2')
    const short = open(20)
    await short.about(person())
    short.time.nowMs += 10_000
    expect((await short.about(person())).ticket).toBe('ticket 2')
  })

  it('is kept only when there was one', async () => {
    const { about, goDown, time } = open()
    await about(person())
    goDown()
    await expect(about(person(), 'town')).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
    time.nowMs += 60_000
    await expect(about(person())).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
  })
})

describe('who knows a logged-in person', () => {
  it('is asked anew each time, with tickets once a minute', async () => {
    const { knowing, askedWho, time } = open()
    for (const waitMs of [0, 59_999, 1]) {
      time.nowMs += waitMs
      expect(await knowing(person())).toEqual(['fund', 'town'])
    }
    expect(askedWho.map(({ purpose }) => purpose)).toEqual(['look', '', 'look'])
  })

  it('brings tickets that no other login, person or purpose is given', async () => {
    const { knowing, about, asked } = open()
    await knowing(person())
    expect(await about(person())).toEqual({ ticket: 'of 1', basisId: 'b' })
    expect(asked).toHaveLength(0)
    for (const other of [
      about(person({ loginHandle: 'second login' })),
      about(person({ subject: `p1.1.${'b'.repeat(22)}` as never })),
      about(person(), 'fund', 'declare'),
    ])
      expect((await other).ticket).not.toBe('of 1')
    expect(asked).toHaveLength(3)
  })

  it('leaves a member without a ticket to be asked about by itself', async () => {
    const { knowing, about, asked } = open()
    await knowing(person())
    await about(person(), 'town')
    expect(asked.map(({ provider }) => provider)).toEqual(['town'])
  })

  it('is not known while the identity authority cannot be asked, and is asked again with tickets', async () => {
    const { knowing, goDown } = open()
    goDown()
    await expect(knowing(person())).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
  })
})
