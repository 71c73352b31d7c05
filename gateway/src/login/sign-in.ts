import { webcrypto } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { MeshError } from '@unefois/proto/reasons'
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  PrivateKeyJwt,
} from 'openid-client'
import type { GatewayConfig } from '../config.js'

/** FranceConnect's scopes are named after the claims of the pivot identity. */
const scope = 'openid given_name family_name birthdate gender birthplace birthcountry'
const identityProviderSeconds = 4

export interface SignInSecrets {
  readonly state: string
  readonly nonce: string
  /** PKCE (RFC 7636). */
  readonly codeVerifier: string
}

export interface SignInRequest extends SignInSecrets {
  readonly acr: string
  /** Asks the identity provider to show its login page even to somebody whom it remembers. */
  readonly asksAgain: boolean
}

/** Login at the identity provider of this gateway (OpenID Connect, authorisation code flow). */
export interface SignIn {
  /** Where to send the browser. Error: UNAVAILABLE. */
  begin(request: SignInRequest): Promise<URL>
  /** The ID token for the answer that came back in `currentUrl`. Errors: LOGIN_REQUIRED, UNAVAILABLE. */
  finish(currentUrl: URL, expected: SignInSecrets): Promise<string>
}

const algorithms = {
  'OKP Ed25519': { name: 'Ed25519' },
  'EC P-256': { name: 'ECDSA', namedCurve: 'P-256' },
}

const readClientKey = async (path: string): Promise<{ key: webcrypto.CryptoKey; kid: string }> => {
  // WebCrypto judges `alg`, `use` and `key_ops` by names of its own.
  const { alg: _alg, use: _use, key_ops: _ops, ...jwk } = JSON.parse(readFileSync(path, 'utf8'))
  const algorithm = algorithms[`${jwk.kty} ${jwk.crv}` as keyof typeof algorithms]
  if (!algorithm) throw new Error(`${path} is neither an Ed25519 nor a P-256 key: generate it again`)
  return { key: await webcrypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']), kid: jwk.kid }
}

/** SignIn with openid-client and private_key_jwt. The provider's metadata is fetched at the first login, then kept. */
export const openIdSignIn = ({ oidc, publicUrl }: Pick<GatewayConfig, 'oidc' | 'publicUrl'>): SignIn => {
  let known: Promise<Configuration> | undefined
  const configuration = (): Promise<Configuration> => {
    known ??= discover(oidc).catch((cause) => {
      known = undefined
      throw new MeshError('UNAVAILABLE', { cause })
    })
    return known
  }
  return {
    begin: async ({ state, nonce, codeVerifier, acr, asksAgain }) =>
      buildAuthorizationUrl(await configuration(), {
        redirect_uri: `${publicUrl}/callback`,
        scope,
        state,
        nonce,
        acr_values: acr,
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        ...(asksAgain && { prompt: 'login' }),
      }),
    finish: async (currentUrl, { state, nonce, codeVerifier }) => {
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier }
      const provider = await configuration()
      try {
        const { id_token } = await authorizationCodeGrant(provider, currentUrl, checks)
        if (id_token !== undefined) return id_token
      } catch (cause) {
        // A fetch that failed is the provider's trouble; anything else is an answer that proves nothing.
        if (cause instanceof TypeError || codeOf(cause) === 'OAUTH_TIMEOUT')
          throw new MeshError('UNAVAILABLE', { cause })
        throw new MeshError('LOGIN_REQUIRED', { cause: namedOnly(cause) })
      }
      throw new MeshError('LOGIN_REQUIRED')
    },
  }
}

/** The library's errors carry claims of the person along; the log must not. */
const namedOnly = (error: unknown): Error => {
  const { name = 'Error' } = (error ?? {}) as { name?: string }
  return new Error(`the login was not completed: ${name} ${codeOf(error) ?? ''}`)
}
const codeOf = (error: unknown): string | undefined => (error as { code?: string } | undefined)?.code

const discover = async ({ issuer, clientId, clientKey }: GatewayConfig['oidc']): Promise<Configuration> =>
  discovery(
    new URL(issuer),
    clientId,
    { id_token_signed_response_alg: 'ES256' },
    PrivateKeyJwt(await readClientKey(clientKey)),
    {
      timeout: identityProviderSeconds,
      // Only the loopback address may be http: the configuration refuses any other.
      ...(issuer.startsWith('http:') && { execute: [allowInsecureRequests] }),
    },
  )
