/** What is sent to the broker: an accepted CONNECT first where not said otherwise, then the packets under test. */
import { connect, type Version } from '../../support/hex.ts'

export interface Sequence {
  readonly name: string
  readonly version: Version
  /** Hex; each is sent once the broker has answered the one before, or was given time to. */
  readonly packets: readonly string[]
}

/** Behind a CONNECT of the plainest kind. */
export const after = (version: Version, name: string, ...packets: readonly string[]): Sequence => ({
  name: `${NAMES[version]} ${name}`,
  version,
  packets: [connect(version), ...packets],
})

/** From the first byte on. */
export const opening = (version: Version, name: string, ...packets: readonly string[]): Sequence => ({
  name: `${NAMES[version]} ${name}`,
  version,
  packets,
})

const NAMES: Readonly<Record<Version, string>> = { 3: '3.1', 4: '3.1.1', 5: '5.0' }

/** The same for several versions. */
export const each = (versions: readonly Version[], make: (version: Version) => readonly Sequence[]): Sequence[] =>
  versions.flatMap(version => make(version))

export const ALL: readonly Version[] = [3, 4, 5]
export const NUMBERED: readonly Version[] = [4, 5]
