import { webcrypto } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { writePrivateFile } from './nats-keys.js'

/** PEM files of a server's certificate, its key, and the authority that signed it. */
export interface ServerCertificate {
  readonly certificate: string
  readonly key: string
  readonly authority: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const lifetimeMs = 825 * 24 * 3600 * 1000

const pem = (label: string, der: ArrayBuffer): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`

/** A TLS certificate for loopback names, from an authority of its own; made once and kept in the folder. */
export const keptCertificate = async (folder: string, name: string): Promise<ServerCertificate> => {
  const files = {
    certificate: join(folder, `${name}.crt`),
    key: join(folder, `${name}.tls-key`),
    authority: join(folder, `${name}-authority.crt`),
  }
  if (existsSync(files.certificate)) return files
  // The library's types name the browser's crypto; Node's is the same interface.
  x509.cryptoProvider.set(webcrypto as never)
  const notBefore = new Date(Date.now() - 60_000)
  const notAfter = new Date(notBefore.getTime() + lifetimeMs)
  const authorityKeys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name} authority`,
    notBefore,
    notAfter,
    signingAlgorithm: algorithm,
    keys: authorityKeys as never,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  })
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: authority.subject,
    notBefore,
    notAfter,
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey as never,
    signingKey: authorityKeys.privateKey as never,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  })
  writePrivateFile(files.authority, authority.toString('pem'))
  writePrivateFile(files.key, pem('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)))
  writePrivateFile(files.certificate, certificate.toString('pem'))
  return files
}
