import type { ReadFile } from './read-file.js'

/** What a sound release is. */
export const checkLines = ({ release, file, sha256 }: ReadFile): string[] => {
  const { benefit, validFrom, validTo, cases, facts, references } = release
  const weak = Object.values(references).filter(({ checked }) => checked !== 'read')
  return [
    `${file}: sound. ${benefit}, in force from ${validFrom} to ${validTo ?? '(no end)'}, ${cases.length} cases come out, ${Object.keys(facts).length} facts.`,
    `  sha256 ${sha256}`,
    ...weak.map(({ citation, checked }) => `  ${checked}: ${citation}`),
  ]
}
