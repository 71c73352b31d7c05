import { Channel } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { z } from 'zod'

/** Channels by which a person is told or asked, as REST spells them. */
export const channelOf = {
  online: Channel.CHANNEL_ONLINE,
  counter: Channel.CHANNEL_COUNTER,
  telephone: Channel.CHANNEL_TELEPHONE,
  paper: Channel.CHANNEL_PAPER,
} as const

export const channel = z.enum(['online', 'counter', 'telephone', 'paper'])
