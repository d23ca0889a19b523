/** Whatever stands around a packet is stepped over; what cannot be is told, with its reason and how many frames it is. */
import { calm, noDamage, reads, shows, that, told } from '../claims.ts'
import { kind, type Situation, times } from '../kind.ts'
import { ENCAPSULATIONS, encryptedWifi } from '../points.ts'

const TALK = `
  c: CONNECT id=x
  s: CONNACK
  c: PUBLISH q1 #1 a 1
  s: PUBACK #1
  c: bye`
/** Frames of it. */
const FRAMES = 11
/** One line has the reason and the number of frames. */
const toldOf = (reason: string) => told(new RegExp(`\\b${FRAMES} frames\\b.*${reason}|${reason}.*\\b${FRAMES}\\b`, 'i'))

/** The record of `stats` has them too. */
const counted = that(`stats counts ${FRAMES} frames that could not be read`, ({ stats }) =>
  JSON.stringify(stats.unread ?? []).includes(`"frames":${FRAMES},`),
)

const around = Object.fromEntries(
  Object.entries(ENCAPSULATIONS).map(([name, capture]): [string, Situation] => [
    `${name}: five packets`,
    { seen: TALK, ...capture, right: [reads(5), calm] },
  ]),
)

kind('link-types', {
  ...around,
  'records of the 24 bytes that Red Hat 6.1 wrote: five packets, no damage': {
    seen: TALK,
    records: 'Red Hat 6.1',
    right: [reads(5), noDamage, calm],
  },
  'records of the 20 bytes that Nokia wrote: five packets, no damage': {
    seen: TALK,
    records: 'Nokia',
    right: [reads(5), noDamage, calm],
  },
  'records longer than the snap length that the file states: five packets, no damage': {
    seen: TALK,
    stated: 60,
    right: [reads(5), noDamage, calm],
  },
  'a stated snap length of 0: five packets, no damage': {
    seen: TALK,
    stated: 0,
    right: [reads(5), noDamage, calm],
  },
  'a link type that nobody knows: told, with the number of its frames': {
    seen: TALK,
    link: 147,
    right: [reads(0), toldOf('link'), counted],
  },
  '802.11 frames that are encrypted: told, with the number of its frames': {
    seen: TALK,
    ...encryptedWifi,
    right: [reads(0), toldOf('encrypt'), counted],
  },
  'a snap length that ends inside the TCP header: told, with the number of its frames': {
    seen: TALK,
    snap: 40,
    right: [reads(0), toldOf('(cut|header|snap|short)'), counted],
  },
  'CONNACK cut by two segments, and the capture begins in front of it: read': {
    seen: `
      c stands
      s: cut 1 CONNACK
      ${times(3, n => `c: PUBLISH q1 #${n} a x\ns: PUBACK #${n}`)}
      c: bye`,
    right: [calm, reads(8), shows(/CONNACK/)],
  },
})
