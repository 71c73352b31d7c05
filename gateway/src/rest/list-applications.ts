import { ApplicationState } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { z } from 'zod'
import { application, applicationState } from './application-schemas.js'
import { applicationStateOf, applicationView } from './application-views.js'
import { parisDay } from './eligibility-schemas.js'
import { listQuery, pageOf } from './list-query.js'
import { operation } from './operation.js'
import { name, subjectId } from './schemas.js'

export const listApplications = operation({
  id: 'listApplications',
  method: 'GET',
  path: '/v1/applications',
  summary: 'Applications in the order in which they came or last changed hands; a person’s own only',
  kinds: ['agency'],
  query: listQuery({
    subject: subjectId.optional(),
    state: applicationState.optional(),
    procedure: name.optional(),
    dueBy: parisDay.optional().meta({ description: 'Only those of which silence speaks on this day or before.' }),
  }),
  responses: {
    200: {
      description: 'The applications that follow; one that changed hands comes again.',
      schema: z.strictObject({ applications: z.array(application), nextPageToken: z.string().nullable() }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'PAGE_TOKEN_MISMATCH'],
  handle: async ({ query, caller, accessToken, deadline }, { neighbours }) => {
    const by = caller()
    const { applications, nextPageToken } = await neighbours.applications.listApplications(
      {
        subject: query.subject ?? (by.kind === 'person' ? by.subject : ''),
        state: query.state ? applicationStateOf[query.state] : ApplicationState.APPLICATION_STATE_UNSPECIFIED,
        procedure: query.procedure ?? '',
        dueByDay: query.dueBy ?? '',
        ...pageOf(query),
      },
      { deadline, accessToken },
    )
    return { body: { applications: applications.map(applicationView), nextPageToken: nextPageToken || null } }
  },
})
