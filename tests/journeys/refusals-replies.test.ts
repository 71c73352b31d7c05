import { readFileSync } from 'node:fs'
import { connect, credsAuthenticator, headers, type Msg, type NatsConnection } from '@nats-io/transport-node'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { ReleaseEvidenceRequest } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { MemberId } from '@unefois/proto/ids'
import { importPrivateKey } from '@unefois/proto/keys'
import { Sealer } from '@unefois/proto/sealed'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseOf } from './_database.js'
import { sharedFederation } from './_federation.js'
import { nowSeconds } from './_forgeries.js'
import { HostileMember } from './_raw-callers.js'
import { refusalOf } from './_refusals.js'
import { encodeRelease, releaseMethod, releaseOf } from './_release.js'
import { fund, Resident, stranger, town } from './_resident.js'

let places: Places
let resident: Resident
let honest: ReleaseEvidenceRequest
let sender: HostileMember
beforeAll(async () => {
  places = await sharedFederation()
  resident = await Resident.settle(places)
  honest = await releaseOf(resident, await resident.tell())
  sender = await HostileMember.connect(places, town, 'documents')
})
afterAll(async () => {
  resident.leave()
  await sender.close()
})

/** Somebody with a hold on a provider's place on the bus, who answers before the provider does. */
const answering = async (answer: (message: Msg) => void): Promise<NatsConnection> => {
  const own = places.nats.connections.find(
    ({ member, service, kind }) => member === fund && service === 'documents' && kind === 'meshServing',
  )
  const connection = await connect({
    servers: places.natsUrl,
    authenticator: credsAuthenticator(new TextEncoder().encode(own?.creds)),
  })
  connection.subscribe(`serve.${fund}.documents.*.*`, {
    queue: 'documents-impostor',
    callback: (_, message) => answer(message),
  })
  await connection.flush()
  return connection
}

const sealerOf = (member: string, signer = member): Sealer => {
  const seal = places.keys(member).sealed.get('documents')?.seal
  const sign = places.keys(signer).sealed.get('documents')?.sign
  const key = (path = '') => importPrivateKey(JSON.parse(readFileSync(path, 'utf8')))
  return new Sealer({
    member: member as MemberId,
    service: 'documents',
    signKey: key(sign?.path),
    sealKeys: [key(seal?.path)],
  })
}

/** Asks the fund while an impostor answers in its place; the fund itself is held up until then. */
const askThrough = async (basisId: string, answer: (message: Msg) => void) => {
  const slow = await databaseOf(places, fund, 'documents')
  const impostor = await answering(answer)
  try {
    await slow.query('BEGIN')
    await slow.query('LOCK TABLE accepted_once IN ACCESS EXCLUSIVE MODE')
    return await resident.ask(basisId)
  } finally {
    await slow.end()
    await impostor.close()
  }
}

describe('a reply', () => {
  const keyOf = (issuer: string, kid: string) => places.list().signer(issuer, kid)?.key
  /** What a member replies to an earlier request of the town; `signer` signs in its name. */
  const earlierReply = (member: string, signer = member): string => {
    const { message } = sender.raw.seal(fund, 'documents', releaseMethod, encodeRelease(honest))
    const request = sealerOf(fund).checkRequest(message, { keyOf, nowSeconds: nowSeconds() })
    return sealerOf(member, signer).sealReply(request, {
      sealKey: places.list().sealKey(town, 'documents'),
      outcome: { status: 'ok', body: Buffer.alloc(0) },
      nowSeconds: nowSeconds(),
    })
  }
  const forgedRefusal = headers()
  forgedRefusal.set('Unefois-Refusal', JSON.stringify({ reason: 'CONSENT_REVOKED', facts: {} }))

  it.each<[string, () => string]>([
    ['to another request', () => earlierReply(fund)],
    ['of another member', () => earlierReply(stranger)],
  ])('%s is refused, and the request stays unconfirmed', async (_, made) => {
    const reply = made()
    const basisId = await resident.tell()
    const before = await resident.onRecord()
    expect(
      await refusalOf('unefois.documents.v1.DocumentsService/RequestEvidence', () =>
        askThrough(basisId, (message) => message.respond(reply)),
      ),
    ).toBe('REPLY_MISMATCH')
    const after = await resident.onRecord()
    const added = after.slice(0, after.length - before.length)
    expect(added.filter((entry) => entry.startsWith(town))).toEqual([`${town}: ${town} unconfirmed`])
  })

  it.each<[string, (message: Msg) => void]>([
    ['that another member signed in its name', (message) => message.respond(earlierReply(fund, stranger))],
    ['that is not sealed', (message) => message.respond('{}')],
    ['that claims a refusal without a seal', (message) => message.respond(undefined, { headers: forgedRefusal })],
  ])('%s is no answer: the person has another route', async (_, answer) => {
    const { outcome } = await askThrough(await resident.tell(), answer)
    expect(outcome?.$case).toBe('otherRoute')
  })
})
