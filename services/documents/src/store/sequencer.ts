import type { Clock } from '@unefois/chassis/clock'
import type { Log } from '@unefois/chassis/log'
import type { Postgres, Transaction } from '@unefois/chassis/postgres'
import { signCheckpoint } from '@unefois/proto/checkpoint'
import type { PrivateKey } from '@unefois/proto/keys'
import { appendLeaves, merkleLeafHash, nodesForTree, treeRoot } from '@unefois/proto/merkle-tree'
import { appendNodes, readNodes } from './log-tiles.js'

const mostInOneStep = 5000
/** Leaves of this long are placed together: under load one signed head serves many, and nobody waits for a head. */
const gatherMs = 200

/** Gives committed leaves their place in the tree and signs its head; one process at a time does so for a database. */
export class Sequencer {
  readonly #postgres: Pick<Postgres, 'transaction'>
  readonly #origin: string
  readonly #signKey: PrivateKey
  readonly #clock: Clock
  readonly #log: Log
  #isWoken = false
  #running: Promise<void> | undefined
  #gathering: NodeJS.Timeout | undefined

  constructor(needs: {
    postgres: Pick<Postgres, 'transaction'>
    origin: string
    signKey: PrivateKey
    clock: Clock
    log: Log
  }) {
    this.#postgres = needs.postgres
    this.#origin = needs.origin
    this.#signKey = needs.signKey
    this.#clock = needs.clock
    this.#log = needs.log
  }

  /** Says that leaves were committed; they are placed together with those of the next moment. */
  wakeSoon(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined
      this.wake()
    }, gatherMs).unref()
  }

  /** Places what was committed so far, now. */
  wake(): void {
    this.#isWoken = true
    this.#running ??= this.#run()
  }

  /** Resolves once all leaves committed before the call have a place under a signed head, or could not be given one. */
  async settled(): Promise<void> {
    this.wake()
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#isWoken) {
      this.#isWoken = false
      try {
        const placed = await this.#postgres.transaction((tx) => this.#step(tx))
        if (placed === mostInOneStep) this.#isWoken = true
      } catch (error) {
        this.#log.warn({ err: error }, 'leaves could not be placed; the next commit tries again')
      }
    }
    // In the same turn as the last look at #isWoken, so that no wake falls between the two.
    this.#running = undefined
  }

  async #step(tx: Transaction): Promise<number> {
    // Waits for the process that places leaves now: it may have looked before ours were committed.
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext('exchange-log'), hashtext(current_schema()))`)
    const leaves = await takeUnplaced(tx)
    if (leaves.length === 0) return 0
    const { rows: heads } = await tx.query<{ tree_size: number }>(
      'SELECT tree_size FROM log_checkpoint ORDER BY tree_size DESC LIMIT 1',
    )
    const before = heads[0]?.tree_size ?? 0
    const size = before + leaves.length
    const standing = await readNodes(tx, nodesForTree(before))
    const added = appendLeaves(
      before,
      leaves.map(({ entry }) => merkleLeafHash(entry)),
      standing,
    )
    const own = new Map(added.map((node) => [`${node.level} ${node.index}`, node.hash]))
    const root = treeRoot(size, (level, index) => own.get(`${level} ${index}`) ?? standing(level, index))
    await appendNodes(tx, added)
    const note = signCheckpoint({ origin: this.#origin, size, root }, { name: this.#origin, key: this.#signKey })
    await putPlacesAndHead(tx, leaves, { before, size, note, signedAtMs: Math.floor(this.#clock.nowMs()) })
    return leaves.length
  }
}

interface Unplaced {
  readonly sequence: number
  readonly entry: Buffer
}

const takeUnplaced = async (tx: Transaction): Promise<Unplaced[]> => {
  const { rows } = await tx.query<Unplaced>({
    name: 'take-unplaced-leaves',
    text: `DELETE FROM log_unplaced WHERE sequence IN
             (SELECT sequence FROM log_unplaced ORDER BY sequence LIMIT ${mostInOneStep})
           RETURNING sequence, entry`,
  })
  return rows.sort((a, b) => a.sequence - b.sequence)
}

const putPlacesAndHead = async (
  tx: Transaction,
  leaves: readonly Unplaced[],
  head: { before: number; size: number; note: string; signedAtMs: number },
): Promise<void> => {
  await tx.query({
    name: 'put-log-places-and-head',
    text: `WITH head AS (INSERT INTO log_checkpoint (tree_size, note, signed_at_ms) VALUES ($3, $4, $5))
           INSERT INTO log_place (sequence, leaf_index)
           SELECT sequence, $2 + at - 1 FROM unnest($1::bigint[]) WITH ORDINALITY AS placed (sequence, at)`,
    values: [leaves.map(({ sequence }) => sequence), head.before, head.size, head.note, head.signedAtMs],
  })
}
