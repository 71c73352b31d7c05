import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { attempt } from './progress.mjs'

/** Values of os-release, such as ID and VERSION_CODENAME. */
const system = () => {
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  return Object.fromEntries([...text.matchAll(/^(\w+)="?([^"\n]*)"?$/gm)].map(([, name, value]) => [name, value]))
}

/** Package sources in both formats of apt (sources.list(5)), as { uri, suites, components, signedBy }. */
export const parseSources = (text, format) => (format === 'deb822' ? parseStanzas(text) : parseLines(text))

const parseLines = (text) =>
  [...text.matchAll(/^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*)$/gm)].map(([, options, uri, suite, rest]) => ({
    uri,
    suites: [suite],
    components: rest.split('#')[0].split(/\s+/).filter(Boolean),
    signedBy: /signed-by=(\S+)/.exec(options ?? '')?.[1],
  }))

const parseStanzas = (text) =>
  text
    .replace(/^#.*\n?/gm, '')
    .split(/\n\s*\n/)
    .map((stanza) => {
      const fields = [...stanza.matchAll(/^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)/gm)]
      return Object.fromEntries(fields.map(([, name, value]) => [name.toLowerCase(), value.trimEnd()]))
    })
    .filter(({ types, enabled, uris }) => uris && /\bdeb\b/.test(types ?? '') && enabled?.trim().toLowerCase() !== 'no')
    .map(({ uris, suites, components, 'signed-by': signedBy }) => ({
      uri: uris.trim().split(/\s+/)[0],
      suites: (suites ?? '').trim().split(/\s+/),
      components: (components ?? '').trim().split(/\s+/),
      signedBy,
    }))

/** The source from which this machine takes Debian itself. */
export const debianSource = (sources, codename) =>
  sources.find(
    ({ suites, components }) =>
      components.includes('main') && suites.some((suite) => [codename, 'stable', 'testing', 'sid'].includes(suite)),
  )

const machineSources = (directory = '/etc/apt') => {
  const folder = join(directory, 'sources.list.d')
  const files = [join(directory, 'sources.list'), ...(existsSync(folder) ? readdirSync(folder).sort() : [])]
  return files.flatMap((name, position) => {
    const file = position === 0 ? name : join(folder, name)
    if (!/\.(list|sources)$/.test(file) || !existsSync(file)) return []
    return parseSources(readFileSync(file, 'utf8'), file.endsWith('.sources') ? 'deb822' : 'lines')
  })
}

/**
 * Takes one package of Debian's testing suite, from the machine's own mirror, into `directory`, and unpacks it there
 * without installing. State and caches are private, so an ordinary user may; apt checks the signatures as ever.
 * Returns { version, root } or { refusal }.
 */
export const unpackFromTesting = (name, directory) => {
  const { ID, VERSION_CODENAME } = system()
  if (ID !== 'debian') return { refusal: 'this is not Debian' }
  const source = debianSource(machineSources(), VERSION_CODENAME)
  if (source === undefined) return { refusal: "no Debian archive in this machine's apt sources" }

  for (const folder of ['lists/partial', 'archives/partial', 'root']) {
    mkdirSync(join(directory, folder), { recursive: true })
  }
  const stanza = ['Types: deb', `URIs: ${source.uri}`, 'Suites: testing', 'Components: main']
  if (source.signedBy) stanza.push(`Signed-By: ${source.signedBy}`)
  writeFileSync(join(directory, 'testing.sources'), `${stanza.join('\n')}\n`)

  const settings = {
    'Dir::Etc::sourcelist': join(directory, 'testing.sources'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Dir::State::lists': join(directory, 'lists'),
    'Dir::Cache': directory,
    'Dir::Cache::archives': join(directory, 'archives'),
    'APT::Sandbox::User': userInfo().username,
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '20',
    'Acquire::https::Timeout': '20',
  }
  const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`])
  const environment = { cwd: directory, timeout: 180_000, env: { ...process.env, LC_ALL: 'C' } }
  const update = attempt('apt-get', ['update', ...options], environment)
  const download = attempt('apt-get', ['download', name, ...options], environment)
  const archive = readdirSync(directory).find((file) => file.startsWith(`${name}_`) && file.endsWith('.deb'))
  if (!download.ok || archive === undefined) return { refusal: update.ok ? download.reason : update.reason }

  const root = join(directory, 'root')
  const unpack = attempt('dpkg-deb', ['-x', archive, root], environment)
  return unpack.ok ? { version: archive.split('_')[1], root } : { refusal: unpack.reason }
}
