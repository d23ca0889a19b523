/** Topics that begin with $ belong to the server, which may use them as it likes (§4.7.2): clouds, brokers and agents do. */
import { calm, found, noError, tells, that } from '../claims.ts'
import { kind, type Situation, times } from '../kind.ts'

const atMostOnce = that(
  'a note on it comes once at most',
  verdict => found(verdict, /topic\.dollar|begins with \$/).length <= 1,
)

/** A client subscribes, publishes and receives. */
const talk = (filters: readonly string[], out: readonly string[], back: readonly string[]): string => `
  c: CONNECT id=thing
  s: CONNACK
  c: SUBSCRIBE #1 ${filters.map(filter => `${filter}:1`).join(' ')}
  s: SUBACK #1 ${filters.map(() => '1').join(' ')}
  ${out.map((topic, at) => `c: PUBLISH q1 #${at + 2} ${topic} {}\ns: PUBACK #${at + 2}`).join('\n')}
  ${back.map((topic, at) => `s: PUBLISH q1 #${at + 1} ${topic} {}\nc: PUBACK #${at + 1}`).join('\n')}
  +2s
  c: bye`

const service = (filters: readonly string[], out: readonly string[], back: readonly string[]): Situation => ({
  seen: talk(filters, out, back),
  right: [calm, atMostOnce],
})

kind('dollar-topics', {
  'the shadow of a thing at a cloud ($aws): nothing to warn of': service(
    ['$aws/things/t/shadow/update/+'],
    ['$aws/things/t/shadow/update'],
    ['$aws/things/t/shadow/update/accepted'],
  ),
  'the twin of a device at a cloud ($iothub): nothing to warn of': service(
    ['$iothub/twin/res/#', '$iothub/methods/POST/#'],
    ['$iothub/twin/GET/?$rid=1'],
    ['$iothub/twin/res/200/?$rid=1'],
  ),
  'a device registers itself ($dps): nothing to warn of': service(
    ['$dps/registrations/res/#'],
    ['$dps/registrations/PUT/iotdps-register/?$rid=1'],
    ['$dps/registrations/res/202/?$rid=1'],
  ),
  'the security of a broker is administered ($CONTROL): nothing to warn of': service(
    ['$CONTROL/dynamic-security/v1/response'],
    ['$CONTROL/dynamic-security/v1'],
    ['$CONTROL/dynamic-security/v1/response'],
  ),
  'agents call each other ($mcp-rpc): nothing to warn of': service(
    ['$mcp-rpc/client-7/server-1/tools'],
    ['$mcp-rpc/client-7/server-1/tools'],
    ['$mcp-rpc/client-7/server-1/tools'],
  ),
  'agents announce themselves ($a2a): nothing to warn of': service(
    ['$a2a/v1/discovery/#'],
    ['$a2a/v1/discovery/org/unit/agent'],
    ['$a2a/v1/discovery/org/unit/agent'],
  ),
  'a service that nobody has heard of: nothing to warn of': service(
    ['$zeppelin/mooring/+/answers'],
    ['$zeppelin/mooring/7/questions'],
    ['$zeppelin/mooring/7/answers'],
  ),
  'a message to be delayed ($delayed): it comes on the topic behind the prefix': service(
    ['a/b'],
    ['$delayed/1/a/b'],
    ['a/b'],
  ),
  'a queue ($queue): messages come on the topic behind the prefix': service(['$queue/jobs/#'], [], ['jobs/1']),
  'a subscription for one client alone ($exclusive): messages come on the topic behind the prefix': service(
    ['$exclusive/jobs/#'],
    [],
    ['jobs/1'],
  ),
  'an ordered shared subscription ($oshare): messages come on the topic behind the group': service(
    ['$oshare/g/jobs/#'],
    [],
    ['jobs/1'],
  ),
  'a shared subscription in 3.1.1: messages come on the topic behind the group': service(
    ['$share/g/jobs/#'],
    [],
    ['jobs/1'],
  ),
  'a bridge publishes its state below $SYS: nothing to warn of': {
    seen: `
      c: CONNECT id=site.bridge keep level=0x84
      s: CONNACK
      c: PUBLISH q1 #1 retain $SYS/broker/connection/site.bridge/state 1
      s: PUBACK #1
      +2s
      c: bye`,
    right: [calm, atMostOnce],
  },
  'fifty messages to a service: a note at most, and once': {
    seen: `
      c: CONNECT
      s: CONNACK
      ${times(50, n => `c: PUBLISH q1 #${n} $aws/rules/store/t {}\ns: PUBACK #${n}`)}
      c: bye`,
    right: [calm, atMostOnce],
  },
  'statistics of the broker come to whoever asked for them: nothing to say': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 $SYS/#:0 +/a:0
      s: SUBACK #1 0 0
      s: PUBLISH retain $SYS/broker/uptime 7
      s: PUBLISH x/a 1
      +2s
      c: bye`,
    right: [calm],
  },
  'a $ topic comes through a filter that begins with a wildcard: told [MQTT-4.7.2-1]': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 #:0
      s: SUBACK #1 0
      +2s
      s: PUBLISH $SYS/broker/uptime 7
      +2s
      c: bye`,
    right: [tells(/4\.7\.2-1/), noError],
  },
})
