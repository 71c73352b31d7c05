import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openApiDocument, openApiText } from './openapi.js'
import { operations } from './operations.js'

const committed = new URL('../../openapi.json', import.meta.url)

describe('openapi.json', () => {
  it('is what the code says', async () => {
    const isCurrent = readFileSync(committed, 'utf8') === (await openApiText())
    expect(isCurrent, 'gateway/openapi.json differs from the code: run `npm run openapi -w gateway`').toBe(true)
  })

  it('is OpenAPI 3.1 with every operation, its refusals and the keys that it needs', async () => {
    const document = (await openApiDocument()) as unknown as {
      openapi: string
      paths: Record<string, Record<string, { operationId: string; responses: object; parameters?: { name: string }[] }>>
    }
    expect(document.openapi).toBe('3.1.0')
    for (const { path, method, id, hasEffect } of operations) {
      const found = document.paths[path]?.[method.toLowerCase()]
      expect(found?.operationId).toBe(id)
      expect(found?.responses).toHaveProperty('default')
      expect(found?.parameters?.some(({ name }) => name === 'idempotency-key') ?? false).toBe(hasEffect ?? false)
    }
  })
})
