/** Wills: published when the connection ends without DISCONNECT, whoever closed it [MQTT-3.1.2-8]; a stored copy says nothing of when. */
import { calm, describes, omits, silent, tells } from '../claims.ts'
import { kind } from '../kind.ts'

/** A device that is out of reach; somebody watches its state. */
const gone = (end: string): string => `
  c: CONNECT id=watch
  s: CONNACK
  c: SUBSCRIBE #1 dev/+/state:1
  s: SUBACK #1 1
  +10s
  c2: CONNECT id=tracker keepalive=60 will=dev/t/state:gone willQos=1 willRetain
  s2: CONNACK
  c2: PUBLISH q1 #1 pos 1
  s2: PUBACK #1
  +91s
  ${end}
  s: PUBLISH q1 #1 dev/t/state gone
  c: PUBACK #1
  +20s
  c: bye`

const WATCH = `
  c: CONNECT id=watch
  s: CONNACK
  c: SUBSCRIBE #1 s/#:0
  s: SUBACK #1 0
  +10s`

const FIRED = /will\.fired|will of \S+ .*is published/
const TAKEN_BACK = /3\.14\.4-3|will\.after_disconnect/
const isFired = [tells(FIRED), omits('tracker', /still stored/)]

kind('wills', {
  'the broker alone closes: the will is published, and no longer stored': {
    seen: gone('s2: close'),
    right: isFired,
  },
  'the broker resets: the will is published, and no longer stored': {
    seen: gone('s2: reset'),
    right: isFired,
  },
  'the broker publishes the will and closes after that: it is published': {
    seen: `
      ${WATCH}
      c2: CONNECT id=d keepalive=10 will=s/d:off
      s2: CONNACK
      +16s
      s: PUBLISH s/d off
      s2: close
      +10s
      c: bye`,
    right: [tells(FIRED), describes('d', /published/)],
  },
  'a will after DISCONNECT: told': {
    seen: `
      ${WATCH}
      c2: CONNECT id=d will=s/d:off
      s2: CONNACK
      +2s
      c2: bye
      +3s
      s: PUBLISH s/d off
      +3s
      c: bye`,
    right: [tells(TAKEN_BACK, 'warning')],
  },
  'DISCONNECT with 0x04 asks for the will, and it comes': {
    seen: `
      v5
      ${WATCH}
      c2: CONNECT id=d will=s/d:off
      s2: CONNACK
      +1s
      c2: DISCONNECT 0x04
      c2: close
      s2: close
      s: PUBLISH s/d off
      +3s
      c: bye`,
    right: [calm, tells(FIRED)],
  },
  'a stored copy of an old will comes to a new subscriber after a DISCONNECT: it was published before': {
    seen: `
      c: CONNECT id=d will=s/d:off willQos=1 willRetain
      s: CONNACK
      +2s
      c: reset
      +5s
      c2: CONNECT id=d will=s/d:off willQos=1 willRetain
      s2: CONNACK
      +2s
      c2: bye
      +2s
      c3: CONNECT id=late
      s3: CONNACK
      c3: SUBSCRIBE #1 s/#:1
      s3: SUBACK #1 1
      s3: PUBLISH q1 #1 retain s/d off
      c3: PUBACK #1
      +3s
      c3: bye`,
    right: [silent(TAKEN_BACK)],
  },
  'a stored copy of a will from before the capture, and its client leaves in order: nothing to say': {
    seen: `
      c: CONNECT id=d will=s/d:off willQos=1 willRetain
      s: CONNACK
      +2s
      c: bye
      +2s
      c2: CONNECT id=late
      s2: CONNACK
      c2: SUBSCRIBE #1 s/#:1
      s2: SUBACK #1 1
      s2: PUBLISH q1 #1 retain s/d off
      c2: PUBACK #1
      +3s
      c2: bye`,
    right: [calm, silent(TAKEN_BACK)],
  },
  'two clients have the same will, and the second one breaks: the will is that of the broken one': {
    seen: `
      ${WATCH}
      c2: CONNECT id=one will=s/all:off
      s2: CONNACK
      c3: CONNECT id=two will=s/all:off
      s3: CONNACK
      +5s
      c2: bye
      +1s
      c3: reset
      s: PUBLISH s/all off
      +9s
      c: bye`,
    right: [calm, silent(TAKEN_BACK), tells(/will of two/)],
  },
  'two clients have the same will, and the first one breaks: the will is that of the broken one': {
    seen: `
      ${WATCH}
      c2: CONNECT id=one will=s/all:off
      s2: CONNACK
      c3: CONNECT id=two will=s/all:off
      s3: CONNACK
      +5s
      c2: reset
      +1s
      c3: bye
      s: PUBLISH s/all off
      +9s
      c: bye`,
    right: [calm, silent(TAKEN_BACK), tells(/will of one/)],
  },
  'a client is taken over by itself: its old connection ends, and the will comes': {
    seen: `
      ${WATCH}
      c2: CONNECT id=d will=s/d:off
      s2: CONNACK
      +5s
      c3: CONNECT id=d will=s/d:off
      s2: close
      s: PUBLISH s/d off
      s3: CONNACK
      +9s
      c3: bye
      c: bye`,
    right: [calm, tells(FIRED), silent(TAKEN_BACK)],
  },
  'the connection breaks, somebody is subscribed, and nothing comes: told': {
    seen: `
      ${WATCH}
      c2: CONNECT id=d will=s/d:off
      s2: CONNACK
      +5s
      c2: reset
      +30s
      c: bye`,
    right: [tells(/3\.1\.2-8/, 'warning')],
  },
  'the client is back before the Will Delay is over, and is late the second time: one will': {
    seen: `
      v5
      ${WATCH}
      c2: CONNECT id=d keep expiry=600 delay=10 will=s/d:off
      s2: CONNACK
      +3s
      c2: reset
      +5s
      c3: CONNECT id=d keep expiry=600 delay=10 will=s/d:off
      s3: CONNACK present
      +3s
      c3: reset
      +10s
      s: PUBLISH s/d off
      +10s
      c: bye`,
    right: [calm, tells(FIRED)],
  },
  'the Will Delay is longer than the session: the will comes with the end of the session': {
    seen: `
      v5
      ${WATCH}
      c2: CONNECT id=d keep expiry=5 delay=60 will=s/d:off
      s2: CONNACK
      +3s
      c2: reset
      +5s
      s: PUBLISH s/d off
      +10s
      c: bye`,
    right: [calm, tells(FIRED)],
  },
})
