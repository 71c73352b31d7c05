import type { Reason } from '@unefois/proto/reasons'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decideVisit,
  type LegPledged,
  outcomeTold,
  type PledgeStateName,
  pledgeAsked,
  pledgeTold,
  type VisitOutcome,
  type VisitStateName,
  visitSteps,
} from './visit.js'

// The saga of decision 0022 as a model: only what a transaction committed outlives a crash, messages get lost, come twice and come
// late; events of an outbox come at least once. The decisions are the ones of the service.

const decideByMs = 30
const coordinator = 'hall'

interface Member {
  /** Whether the slot is free when it is asked for. */
  readonly hasSlot: boolean
  pledge: PledgeStateName | undefined
  pledgedAt: number
  /** Cancelled by its own agent; the event is in the member's outbox until the coordinator has it. */
  isCancelledHere: boolean
}
type Answer = 'pledged' | Reason
type Message =
  | { readonly kind: 'pledge'; readonly leg: number }
  | { readonly kind: 'answer'; readonly leg: number; readonly said: Answer }
  | { readonly kind: 'ask'; readonly leg: number }
  | { readonly kind: 'told'; readonly leg: number; readonly state: VisitStateName }

class World {
  nowMs = 0
  visit: VisitStateName | undefined
  ownMeeting: 'held' | 'booked' | 'free' = 'free'
  readonly legCancelled = new Set<number>()
  /** In the memory of the process that books; a crash forgets it. */
  answers: Map<number, Answer> | undefined
  network: Message[] = []
  readonly outbox: { readonly leg: number; readonly outcome: VisitOutcome }[] = []
  readonly cancelledOutbox: number[] = []
  readonly toldCaller = new Set<VisitStateName>()
  readonly wrong: string[] = []
  readonly members: readonly Member[]
  readonly #pledgesEnd: boolean

  constructor(slots: readonly boolean[], pledgesEnd: boolean) {
    this.members = slots.map((hasSlot) => ({ hasSlot, pledge: undefined, pledgedAt: 0, isCancelledHere: false }))
    this.#pledgesEnd = pledgesEnd
  }

  /** The first transaction and the questions after it; a retry finds the row and asks again. */
  book(): void {
    if (this.visit !== undefined && this.visit !== 'pledging') {
      this.toldCaller.add(this.visit)
      return
    }
    this.visit = 'pledging'
    if (this.ownMeeting === 'free') this.ownMeeting = 'held'
    this.answers = new Map()
    for (const leg of this.members.keys()) this.network.push({ kind: 'pledge', leg })
  }

  /** The second transaction, with the answers that this process has. */
  decide(): void {
    const { answers } = this
    if (!answers) return
    const legs = this.members.map((_, leg): LegPledged => {
      const said = answers.get(leg)
      const refusal = this.legCancelled.has(leg) ? 'APPOINTMENT_ENDED' : said === 'pledged' ? undefined : said
      return { member: `m${leg}`, startsAtMs: leg, endsAtMs: said === 'pledged' ? leg + 1 : 0, refusal }
    })
    this.#end(decideVisit(legs, { coordinator, decideByMs }, this.nowMs).state)
    if (this.visit) this.toldCaller.add(this.visit)
    this.answers = undefined
  }

  /** One transaction: the row, the own meeting, and the outcome for everybody. */
  #end(outcome: VisitOutcome): void {
    if (!this.visit || !visitSteps[this.visit].includes(outcome)) return
    this.visit = outcome
    this.ownMeeting = outcome === 'booked' ? 'booked' : 'free'
    for (const leg of this.members.keys()) this.outbox.push({ leg, outcome })
  }

  cancel(): void {
    this.#end(this.visit === 'pledging' ? 'released' : 'cancelled')
  }

  chore(): void {
    if (this.visit === 'pledging' && this.nowMs >= decideByMs) this.#end('released')
    for (const [leg, { pledge }] of this.members.entries())
      if (pledge === 'pledged') this.network.push({ kind: 'ask', leg })
  }

  agentCancels(leg: number): void {
    const member = this.members[leg] as Member
    if (member.pledge !== 'pledged' && member.pledge !== 'booked') return
    member.pledge = 'cancelled'
    member.isCancelledHere = true
    this.cancelledOutbox.push(leg)
  }

  hearCancelled(leg: number): void {
    if (this.visit === undefined) this.wrong.push('a leg of no visit was cancelled')
    this.legCancelled.add(leg)
  }

  #apply(leg: number, outcome: VisitOutcome): void {
    const member = this.members[leg] as Member
    const told = pledgeTold(member.pledge, outcome)
    if (told.meeting === 'book' && this.visit !== 'booked' && this.visit !== 'cancelled')
      this.wrong.push('booked at a member before it was decided')
    member.pledge = told.state
  }

  receive(message: Message): void {
    const { leg } = message
    const member = this.members[leg] as Member
    switch (message.kind) {
      case 'pledge': {
        const todo = pledgeAsked(member.pledge)
        if (todo === 'take' && member.hasSlot) {
          member.pledge = 'pledged'
          member.pledgedAt = this.nowMs
        }
        const said: Answer = todo === 'ended' ? 'VISIT_ENDED' : member.pledge ? 'pledged' : 'SLOT_TAKEN'
        this.network.push({ kind: 'answer', leg, said })
        return
      }
      case 'answer':
        this.answers?.set(leg, message.said)
        return
      case 'ask':
        this.network.push({ kind: 'told', leg, state: outcomeTold(this.visit) })
        return
      case 'told':
        if (message.state !== 'pledging') this.#apply(leg, message.state)
    }
  }

  deliverEvent(index: number, isAcknowledged: boolean): void {
    const event = this.outbox[index]
    if (!event) return
    this.#apply(event.leg, event.outcome)
    if (isAcknowledged) this.outbox.splice(index, 1)
  }

  pass(ms: number): void {
    this.nowMs += ms
    if (this.#pledgesEnd)
      for (const member of this.members)
        if (member.pledge === 'pledged' && this.nowMs - member.pledgedAt > decideByMs) member.pledge = 'released'
  }

  /** Everything that is still under way arrives, and each chore runs. */
  settle(): void {
    this.answers = undefined
    this.pass(decideByMs)
    for (let round = 0; round < 3; round++) {
      for (const message of this.network.splice(0)) this.receive(message)
      for (const leg of this.cancelledOutbox.splice(0)) this.hearCancelled(leg)
      while (this.outbox.length > 0) this.deliverEvent(0, true)
      this.chore()
    }
    for (const message of this.network.splice(0)) this.receive(message)
    for (const message of this.network.splice(0)) this.receive(message)
  }

  /** What the promise of a visit forbids. */
  faults(): string[] {
    const all = [...this.wrong]
    const standing = this.members.filter(({ isCancelledHere }) => !isCancelledHere)
    if (this.members.some(({ pledge }) => pledge === 'pledged') || this.ownMeeting === 'held')
      all.push('a pledge is left')
    const isBooked = [this.ownMeeting === 'booked', ...standing.map(({ pledge }) => pledge === 'booked')]
    if (new Set(isBooked).size > 1) all.push('half a visit')
    if (isBooked.some((each) => each) && this.visit !== 'booked') all.push('booked against the row')
    if (this.visit === 'pledging') all.push('never decided')
    if (this.toldCaller.has('released') && (this.toldCaller.has('booked') || this.toldCaller.has('cancelled')))
      all.push('two outcomes')
    const untold = [...this.members.entries()].filter(
      ([leg, each]) => each.isCancelledHere && !this.legCancelled.has(leg),
    )
    if (untold.length > 0) all.push('a leg was cancelled and the coordinator does not know')
    return all
  }
}

type Action = (world: World) => void
const index = fc.nat(20)
const at = <T>(list: readonly T[], position: number): number => (list.length === 0 ? -1 : position % list.length)
const onMessage =
  (position: number, act: (world: World, message: Message, at: number) => void): Action =>
  (world) => {
    const found = at(world.network, position)
    const message = world.network[found]
    if (message) act(world, message, found)
  }
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Action>((world) => world.book()) },
  { weight: 3, arbitrary: fc.constant<Action>((world) => world.decide()) },
  {
    weight: 12,
    arbitrary: index.map((position) =>
      onMessage(position, (world, message, found) => {
        world.network.splice(found, 1)
        world.receive(message)
      }),
    ),
  },
  // Comes twice: it stays on its way.
  { weight: 2, arbitrary: index.map((position) => onMessage(position, (world, message) => world.receive(message))) },
  {
    weight: 2,
    arbitrary: index.map((position) => onMessage(position, (world, _, found) => world.network.splice(found, 1))),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(index, fc.boolean()).map(
      ([position, isAcknowledged]): Action =>
        (world) =>
          world.deliverEvent(at(world.outbox, position), isAcknowledged),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Action>((world) => {
      world.answers = undefined
    }),
  },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1, max: 40 }).map(
      (ms): Action =>
        (world) =>
          world.pass(ms),
    ),
  },
  { weight: 2, arbitrary: fc.constant<Action>((world) => world.chore()) },
  { weight: 1, arbitrary: fc.constant<Action>((world) => world.cancel()) },
  {
    weight: 1,
    arbitrary: index.map(
      (position): Action =>
        (world) =>
          world.agentCancels(at(world.members, position)),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Action>((world) => {
      const leg = world.cancelledOutbox[0]
      if (leg !== undefined) world.hearCancelled(leg)
    }),
  },
)
const runs = fc.tuple(
  fc.array(fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }), {
    minLength: 1,
    maxLength: 3,
  }),
  fc.array(action, { maxLength: 60 }),
)
const played = ([slots, actions]: readonly [readonly boolean[], readonly Action[]], pledgesEnd = false): World => {
  const world = new World(slots, pledgesEnd)
  world.book()
  for (const act of actions) act(world)
  world.settle()
  return world
}

describe('a visit to several agencies', () => {
  it('is booked at all of them or at none, whatever is lost, late, twice or ended, and keeps no slot', () => {
    fc.assert(
      fc.property(runs, (run) => {
        expect(played(run).faults()).toEqual([])
      }),
      { numRuns: 20_000 },
    )
  })

  it('does end both ways in these runs', () => {
    const ends = new Set(fc.sample(runs, { numRuns: 2000, seed: 1 }).map((run) => played(run).visit))
    expect([...ends].sort()).toEqual(['booked', 'cancelled', 'released'])
  })

  it('would be half booked if pledges ended by themselves, which these runs find', () => {
    const found = fc.check(
      fc.property(runs, (run) => !played(run, true).faults().includes('half a visit')),
      { numRuns: 20_000, seed: 1 },
    )
    expect(found.failed).toBe(true)
  })
})
