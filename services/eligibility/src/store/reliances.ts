import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { Decision } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import type { FactUsed } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'

/** A decision that something came up about. */
export type ReliantDecision = Pick<Decision, 'decisionId' | 'applicationId' | 'subject' | 'procedure'>

interface Row {
  readonly decision_id: string
  readonly application_id: string
  readonly subject: string
  readonly procedure: string
}

/** One that another decision was issued in the place of gives nothing any more, so nobody looks at it again. */
const select = `SELECT DISTINCT decision_id, application_id, subject, procedure FROM decision JOIN reliance USING (decision_id)
  WHERE NOT EXISTS (SELECT FROM review WHERE review.decision_id = decision.decision_id AND review.state = 'replaced')`

const reliantOf = (row: Row): ReliantDecision => ({
  decisionId: row.decision_id,
  applicationId: row.application_id,
  subject: row.subject,
  procedure: row.procedure,
})

/** Notes on what evidence a new decision rests; what the person stated is nobody's evidence. */
export const addReliances = async (tx: Transaction, decisionId: string, used: readonly FactUsed[]): Promise<void> => {
  const told = used.filter(({ isSelfDeclared, exchangeId }) => !isSelfDeclared && exchangeId !== '')
  // Several facts may come from one exchange, which gives one version of one type.
  await tx.query(
    `INSERT INTO reliance (decision_id, exchange_id, provider, evidence_type, version)
     SELECT $1::uuid, * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[]) ON CONFLICT DO NOTHING`,
    [
      decisionId,
      told.map(({ exchangeId }) => exchangeId),
      told.map(({ provider }) => provider),
      told.map(({ source }) => source?.evidenceType ?? ''),
      told.map(({ version }) => version),
    ],
  )
}

/** The decisions that rest on what one exchange gave. */
export const reliantOnExchange = async (
  db: Queryable,
  { exchangeId, wrongVersion }: { readonly exchangeId: string; readonly wrongVersion: number },
): Promise<ReliantDecision[]> => {
  const { rows } = await db.query<Row>(`${select} AND exchange_id = $1 AND version = $2 ORDER BY decision_id`, [
    exchangeId,
    wrongVersion,
  ])
  return rows.map(reliantOf)
}

/** The decisions about one person that rest on what a member gave of a type. */
export const reliantOnType = async (
  db: Queryable,
  {
    subject,
    provider,
    evidenceType,
  }: { readonly subject: string; readonly provider: string; readonly evidenceType: string },
): Promise<ReliantDecision[]> => {
  const { rows } = await db.query<Row>(
    `${select} AND subject = (SELECT standing_subject($1)) AND provider = $2 AND evidence_type = $3 ORDER BY decision_id`,
    [subject, provider, evidenceType],
  )
  return rows.map(reliantOf)
}
