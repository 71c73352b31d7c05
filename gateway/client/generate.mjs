import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { compile } from 'json-schema-to-typescript'

// The types of the client, from the one document that the gateway answers for: `Paths` as openapi-fetch reads them, each
// operation with the reasons that it names. Why not openapi-typescript: proto/decisions/0016-rest-for-editors.md.

const document = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8'))

const object = (properties, required = Object.keys(properties)) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
})
const map = (entries, of) => Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, of(value, key)]))
const nothing = { tsType: 'never' }

// The client draws the key of a request itself, and knows what it has cached.
const ownHeaders = ['idempotency-key', 'if-none-match']

const parametersIn = (operation, where) => {
  const found = (operation.parameters ?? []).filter((one) => one.in === where)
  if (found.length === 0) return nothing
  const properties = found.map(({ name, schema, description }) => [name, { ...schema, description }])
  const needed = found.filter(({ name, required }) => required && !ownHeaders.includes(name))
  return object(
    Object.fromEntries(properties),
    needed.map(({ name }) => name),
  )
}

const withParameters = (operation) => {
  const parameters = map({ query: 0, header: 0, path: 0, cookie: 0 }, (_, where) => parametersIn(operation, where))
  const needed = Object.keys(parameters).filter((where) => (parameters[where].required ?? []).length > 0)
  return object(parameters, needed)
}

const withBody = ({ requestBody }) => {
  const schema = requestBody?.content['application/json']?.schema
  return schema === undefined ? nothing : object({ content: object({ 'application/json': schema }) })
}

const response = ({ content = {} }) =>
  object({
    headers: { tsType: '{ [name: string]: unknown }' },
    content: object(map(content, ({ schema }) => schema)),
  })

const operation = (one) => {
  const requestBody = withBody(one)
  const refusals = { enum: one['x-unefois-refusals'] ?? [] }
  const properties = {
    parameters: withParameters(one),
    requestBody,
    responses: object(map(one.responses, response)),
    refusals: refusals.enum.length === 0 ? nothing : refusals,
  }
  const needed = Object.keys(properties).filter((name) => properties[name] !== nothing)
  return { description: one.summary, ...object(properties, needed) }
}

const paths = object(map(document.paths, (operations) => object(map(operations, operation))))
const schema = JSON.parse(
  JSON.stringify({ ...paths, definitions: document.components.schemas }).replaceAll(
    '#/components/schemas/',
    '#/definitions/',
  ),
)
const declarations = await compile(schema, 'Paths', { additionalProperties: false, bannerComment: '' })
mkdirSync(new URL('dist', import.meta.url), { recursive: true })
// Statuses are numbers to openapi-fetch.
writeFileSync(new URL('dist/openapi.d.ts', import.meta.url), declarations.replace(/^(\s*)"(\d{3})":/gm, '$1$2:'))
