/** Why a capture program ended, from what it said: one line for the user. */

import { type Complaint, LiveError, type Trouble } from './backend.ts'
import type { Ended } from './child.ts'

/** The cause before its consequences: a program that may not capture also says that it ends. */
const FIRST: readonly Trouble[] = ['permission', 'interface', 'down', 'filter', 'gone', 'ended']

/** The complaint that tells why; of several like it rather one that says more. */
export function causeOf(complaints: readonly Complaint[]): Complaint | undefined {
  for (const kind of FIRST) {
    const like = complaints.filter(complaint => complaint.kind === kind)
    if (like.length > 0) return like.find(complaint => complaint.detail !== '') ?? like[0]
  }
  return undefined
}

export interface Ending extends Ended {
  readonly program: string
  /** The interfaces it watched. */
  readonly where: string
  readonly filter: string | undefined
}

export function failure(cause: Complaint | undefined, ending: Ending): LiveError {
  const { program, where, filter, code, signal } = ending
  const detail = cause?.detail ?? ''
  switch (cause?.kind) {
    case 'permission':
      return new LiveError(
        'permission',
        `no permission to capture on ${where} with ${program} (mqtt-sniff -D says what mends it)`,
      )
    case 'interface':
      return new LiveError('interface', `there is no interface "${where}" (mqtt-sniff -D lists them)`)
    case 'down':
      return new LiveError('down', `${where} is down: ip link set ${where} up`)
    case 'filter':
      return new LiveError('filter', `the capture filter is not valid: ${detail || filter}`)
    default: {
      const how = signal === null ? `ended by itself (code ${code})` : `was killed (${signal})`
      const said = detail === '' ? '' : `: ${detail}`
      return new LiveError('ended', `${program} ${how}${said}; what it had delivered whole is kept`)
    }
  }
}
