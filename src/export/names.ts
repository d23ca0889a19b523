/** Words that every export uses for the same thing. */
import type { Version } from '../mqtt/spec.ts'

export const VERSION_NAMES: Readonly<Record<Version, string>> = { 0: 'unknown', 3: '3.1', 4: '3.1.1', 5: '5' }
