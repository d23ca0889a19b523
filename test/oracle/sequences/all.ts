import { connects } from './connects.ts'
import { properties } from './properties.ts'
import { publishes } from './publishes.ts'
import { requests } from './requests.ts'
import type { Sequence } from './sequence.ts'

export const FAMILIES: Readonly<Record<string, readonly Sequence[]>> = { connects, publishes, requests, properties }
