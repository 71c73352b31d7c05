import type { Clock } from '@unefois/chassis/clock'
import type { Log } from '@unefois/chassis/log'
import type { Postgres, Transaction } from '@unefois/chassis/postgres'
import { signCheckpoint } from '@unefois/proto/checkpoint'
import type { PrivateKey } from '@unefois/proto/keys'
import {
  appendLeaves,
  merkleLeafHash,
  type NodeRef,
  nodesForTree,
  type ReadNode,
  treeRoot,
} from '@unefois/proto/merkle-tree'

const mostInOneStep = 5000
/** Leaves of this long are placed together: under load one signed head serves many, and nobody waits for a head. */
const gatherMs = 200

/** Reads tree nodes once, for the pure functions of the Merkle tree. */
export const readNodes = async (tx: Pick<Transaction, 'query'>, wanted: readonly NodeRef[]): Promise<ReadNode> => {
  const { rows } = await tx.query<{ level: number; index: number; hash: Buffer }>(
    `SELECT level, index, hash FROM log_node
     JOIN unnest($1::int[], $2::bigint[]) AS wanted (level, index) USING (level, index)`,
    [wanted.map(({ level }) => level), wanted.map(({ index }) => index)],
  )
  const nodes = new Map(rows.map((row) => [`${row.level} ${row.index}`, row.hash]))
  return (level, index) => {
    const hash = nodes.get(`${level} ${index}`)
    if (!hash) throw new Error(`the exchange log has lost node ${level}/${index}`)
    return hash
  }
}

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
    const { rows: leaves } = await tx.query<{ sequence: number; entry: Buffer }>(
      `SELECT sequence, entry FROM log_leaf WHERE leaf_index IS NULL ORDER BY sequence LIMIT ${mostInOneStep}`,
    )
    if (leaves.length === 0) return 0
    const { rows: heads } = await tx.query<{ tree_size: number }>(
      'SELECT tree_size FROM log_checkpoint ORDER BY tree_size DESC LIMIT 1',
    )
    const size = heads[0]?.tree_size ?? 0
    const before = await readNodes(tx, nodesForTree(size))
    const added = appendLeaves(
      size,
      leaves.map(({ entry }) => merkleLeafHash(entry)),
      before,
    )
    const own = new Map(added.map((node) => [`${node.level} ${node.index}`, node.hash]))
    const root = treeRoot(size + leaves.length, (level, index) => own.get(`${level} ${index}`) ?? before(level, index))
    await this.#store(tx, leaves, size, added)
    const signer = { name: this.#origin, key: this.#signKey }
    const note = signCheckpoint({ origin: this.#origin, size: size + leaves.length, root }, signer)
    await tx.query('INSERT INTO log_checkpoint (tree_size, note, signed_at_ms) VALUES ($1, $2, $3)', [
      size + leaves.length,
      note,
      Math.floor(this.#clock.nowMs()),
    ])
    return leaves.length
  }

  async #store(
    tx: Transaction,
    leaves: readonly { sequence: number }[],
    size: number,
    added: readonly (NodeRef & { hash: Buffer })[],
  ): Promise<void> {
    await tx.query(
      `UPDATE log_leaf SET leaf_index = placed.leaf_index
       FROM unnest($1::bigint[], $2::bigint[]) AS placed (sequence, leaf_index) WHERE log_leaf.sequence = placed.sequence`,
      [leaves.map(({ sequence }) => sequence), leaves.map((_, at) => size + at)],
    )
    await tx.query(
      'INSERT INTO log_node (level, index, hash) SELECT * FROM unnest($1::int[], $2::bigint[], $3::bytea[])',
      [added.map(({ level }) => level), added.map(({ index }) => index), added.map(({ hash }) => hash)],
    )
  }
}
