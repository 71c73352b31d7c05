import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AgencySystem } from './agency-system.js'
import { logIn } from './log-in.js'
import { openPlaces, type Places } from './places.js'
import { sandboxDirectory, sandboxPlan } from './sandbox.js'

// npm run -s sandbox -- origin MEMBER | token MEMBER SCOPE | login MEMBER LOGIN: one line about the sandbox that runs, for a
// shell. UNEFOIS names another directory of a federation of the same plan.

const usage =
  'say: origin MEMBER (of its gateway), token MEMBER SCOPE (its system’s), login MEMBER LOGIN (a test person’s)'

/** An access token of the member's own system, as any of its software gets one. */
const tokenOf = async (places: Places, member: string, scope: string): Promise<string> => {
  const system = new AgencySystem(places, member)
  try {
    return (await system.call(scope)).accessToken ?? ''
  } finally {
    system.close()
  }
}

/** The ID token of a test person's login for the member, which its gateway trades for an access token. */
const loggedIn = async (places: Places, member: string, login: string): Promise<string> => {
  const jwk = JSON.parse(readFileSync(places.oidcClientKey(member).path, 'utf8'))
  const client = { clientId: member, jwk, redirectUri: `${places.origin(member)}/callback` }
  return (await logIn(places.issuer, client, login)).idToken
}

const lookUp = async (what: string, member: string, more: string): Promise<string> => {
  const directory = process.env.UNEFOIS ?? sandboxDirectory()
  if (!existsSync(join(directory, 'ports.json'))) throw new Error(`there is no sandbox in ${directory}: npm start`)
  const places = await openPlaces(sandboxPlan(), directory)
  if (!places.plan.agencies.some(({ id }) => id === member)) throw new Error(`no member ${member}; ${usage}`)
  if (what === 'origin') return places.origin(member)
  if (what === 'token') return tokenOf(places, member, more)
  if (what === 'login') return loggedIn(places, member, more)
  throw new Error(usage)
}

const [what = '', member = '', more = ''] = process.argv.slice(2)
try {
  process.stdout.write(`${await lookUp(what, member, more)}\n`)
} catch (error) {
  const { reason, message } = error as { reason?: string; message?: string }
  process.stderr.write(`${reason === undefined ? '' : `${reason}: `}${message ?? String(error)}\n`)
  process.exitCode = 1
}
