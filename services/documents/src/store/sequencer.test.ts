import type { Postgres } from '@unefois/chassis/postgres'
import { openCheckpoint } from '@unefois/proto/checkpoint'
import { leafHash } from '@unefois/proto/exchange-log'
import { importPrivateKey, registerPublicKey } from '@unefois/proto/keys'
import { verifyConsistency, verifyInclusion } from '@unefois/proto/merkle-proof'
import { emptyRoot, merkleNodeHash, splitOf } from '@unefois/proto/merkle-tree'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quiet } from '../database.fixture.js'
import { keyOf, members, person, publicOf } from '../federation.fixture.js'
import { type MemberParts, openMember } from '../member.fixture.js'
import { record } from '../record.fixture.js'
import { readProof } from './proofs.js'
import { Sequencer } from './sequencer.js'

let member: MemberParts
beforeAll(async () => {
  member = await openMember(members.provider)
})
afterAll(() => member.close())

const origin = `fixture/${members.provider}`
const key = registerPublicKey(publicOf(keyOf(members.provider, 'log')))

const add = async (subject: string): Promise<string> => {
  const made = record({ subject })
  await member.exchangeLog.commit({ record: made })
  return made.record_id
}

const anotherSequencer = (postgres: Pick<Postgres, 'transaction'> = member.database.another(2)) =>
  new Sequencer({
    postgres,
    origin,
    signKey: importPrivateKey(keyOf(members.provider, 'log')),
    clock: member.clock,
    log: quiet,
  })

/** RFC 6962 section 2.1, as it is written. */
const naiveRoot = (leaves: readonly Buffer[]): Buffer => {
  if (leaves.length === 0) return emptyRoot()
  if (leaves.length === 1) return leaves[0] as Buffer
  const split = splitOf(leaves.length)
  return merkleNodeHash(naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)))
}

/** The leaves in the order of their places, each computed from its record. */
const placedLeaves = async (): Promise<Buffer[]> => {
  const { rows } = await member.runtime.postgres.query<{ subject: string; record_id: string; leaf_index: number }>(
    'SELECT subject, record_id, leaf_index FROM exchange_record LEFT JOIN log_place USING (sequence) ORDER BY leaf_index',
  )
  expect(rows.map(({ leaf_index }) => leaf_index)).toEqual([...rows.keys()])
  return Promise.all(
    rows.map(async ({ subject, record_id }) => {
      const stored = await member.accesses.record(subject, record_id)
      return leafHash(stored?.salt ?? Buffer.alloc(0), stored?.bytes ?? Buffer.alloc(0))
    }),
  )
}

const newestHead = async () => {
  const { rows } = await member.runtime.postgres.query<{ note: string }>(
    'SELECT note FROM log_checkpoint ORDER BY tree_size DESC LIMIT 1',
  )
  return openCheckpoint(rows[0]?.note ?? '', { origin, key })
}

const expectNaiveTree = async (): Promise<void> => {
  const leaves = await placedLeaves()
  const head = await newestHead()
  expect(head.size).toBe(leaves.length)
  expect(Buffer.from(head.root)).toEqual(naiveRoot(leaves))
}

describe('Sequencer', () => {
  it('gives no proof of a record that it has not placed', async () => {
    const recordId = await add(person('early'))
    expect(await readProof(member.runtime.postgres, recordId)).toBeUndefined()
    await member.sequencer.settled()
    expect(await readProof(member.runtime.postgres, recordId)).toBeDefined()
  })

  it('grows the tree of RFC 6962, one head at a time', async () => {
    for (const size of [1, 2, 1, 5, 3, 8]) {
      await Promise.all(Array.from({ length: size }, () => add(person('ada'))))
      await member.sequencer.settled()
      await expectNaiveTree()
    }
  })

  it('gives proofs that verify offline, and that do not for another record', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => add(person('proved'))))
    await member.sequencer.settled()
    for (const id of ids) {
      const stored = await member.accesses.record(person('proved'), id)
      const proof = await readProof(member.runtime.postgres, id)
      if (!stored || !proof) throw new Error('not placed')
      const { size, root } = openCheckpoint(proof.checkpoint, { origin, key })
      const isIn = (bytes: Buffer) =>
        verifyInclusion(leafHash(stored.salt, bytes), proof.leafIndex, size, proof.inclusionProof, root)
      expect(isIn(stored.bytes)).toBe(true)
      expect(isIn(Buffer.from(stored.bytes.toString().replace('released', 'refused')))).toBe(false)
    }
  })

  it('places all leaves when several processes place at once', async () => {
    const sequencers = [member.sequencer, anotherSequencer(), anotherSequencer()]
    for (let round = 0; round < 8; round++) {
      await Promise.all(
        sequencers.map(async (sequencer) => {
          await add(person('crowd'))
          await sequencer.settled()
        }),
      )
      await expectNaiveTree()
    }
  })

  it('waits for a process that places leaves now, and places what that one did not see', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let isHeld = () => {}
    const holds = new Promise<void>((resolve) => {
      isHeld = resolve
    })
    const other = member.database.another(1).transaction(async (tx) => {
      await tx.query(`SELECT pg_advisory_xact_lock(hashtext('exchange-log'), hashtext(current_schema()))`)
      isHeld()
      await held
    })
    await holds
    const recordId = await add(person('unseen'))
    const settled = member.sequencer.settled()
    const waiting = async () => {
      const { rows } = await member.runtime.postgres.query<{ n: number }>(
        `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'`,
      )
      return rows[0]?.n
    }
    await expect.poll(waiting).toBe(1)
    release()
    await Promise.all([other, settled])
    expect(await readProof(member.runtime.postgres, recordId)).toBeDefined()
  })

  it.each([0, 1, 2, 3, 4, 5, 6])('misses no wake that comes %i turns after its last step', async (turns) => {
    await add(person('first'))
    let second: Promise<string> | undefined
    const sequencer = anotherSequencer({
      transaction: async (work) => {
        const result = await member.runtime.postgres.transaction(work)
        if (second) return result
        second = add(person('second'))
        await second
        const wakeLater = async () => {
          for (let turn = 0; turn < turns; turn++) await undefined
          sequencer.wake()
        }
        void wakeLater()
        return result
      },
    })
    sequencer.wake()
    await expect.poll(async () => second && readProof(member.runtime.postgres, await second)).toBeDefined()
  })

  it('goes on after a restart with leaves that no process had placed', async () => {
    await add(person('before'))
    const restarted = anotherSequencer()
    await restarted.settled()
    await expectNaiveTree()
  })

  it('signs no two heads of one size, each a continuation of the one before', async () => {
    const { rows } = await member.runtime.postgres.query<{ tree_size: number; note: string }>(
      'SELECT tree_size, note FROM log_checkpoint ORDER BY tree_size',
    )
    const leaves = await placedLeaves()
    for (const { tree_size, note } of rows) {
      const head = openCheckpoint(note, { origin, key })
      expect(head.size).toBe(tree_size)
      expect(Buffer.from(head.root)).toEqual(naiveRoot(leaves.slice(0, tree_size)))
    }
    expect(verifyConsistency(0, leaves.length, emptyRoot(), naiveRoot(leaves), [])).toBe(true)
  })
})
