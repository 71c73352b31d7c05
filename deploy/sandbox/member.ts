import { runMember } from './member-process.js'

await runMember()
