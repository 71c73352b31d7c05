import { randomBytes } from 'node:crypto'
import { readConfig } from '@unefois/chassis/config'
import { toTextRefusal } from '@unefois/chassis/errors-on-the-wire'
import type { MessageSeal } from '@unefois/chassis/seal'
import { runMember } from '@unefois/deploy/sandbox/member-process'
import { documentsConfig } from '@unefois/documents/config'
import { startDocuments } from '@unefois/documents/server'
import { MeshError } from '@unefois/proto/reasons'
import type { OpenedReply, OpenedRequest } from '@unefois/proto/sealed'

// A member of the benchmark whose documents neither sign nor encrypt: what it saves is what the seal costs. It exists nowhere
// else, and the sealed messages of every other service stay as they are.

const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const decode = (text: string): Buffer => Buffer.from(text, 'base64url')

const unsealed = (member: string): MessageSeal => ({
  request: (to, service, method, body, deadlineMs) => {
    const jti = encode(randomBytes(16))
    const now = Math.floor(Date.now() / 1000)
    const request = { sender: member, method, jti, issuedAtSeconds: now, expiresAtSeconds: now + 60, deadlineMs }
    const message = JSON.stringify({ ...request, body: encode(body) })
    return { message, sent: { to: to as never, jti, sha256: '' }, service }
  },
  open: (message) => {
    const { body, ...request } = JSON.parse(message)
    return { ...request, senderService: 'documents', body: decode(body), sha256: '', proof: '' } as OpenedRequest
  },
  reply: (_, outcome) =>
    outcome instanceof MeshError
      ? JSON.stringify({ status: 'error', reason: outcome.reason, facts: toTextRefusal(outcome).facts })
      : JSON.stringify({ status: 'ok', body: encode(outcome) }),
  openReply: (message) => {
    const { body, ...reply } = JSON.parse(message)
    return { ...reply, ...(body !== undefined && { body: decode(body) }), proof: '' } as OpenedReply
  },
})

await runMember({
  documents: (value, path) => {
    const config = readConfig(documentsConfig, value, path)
    return startDocuments(config, { seal: unsealed(config.member) })
  },
})
