/**
 * Situations of which something else is said today, by kind and name, with what that is. They are run as all others: one
 * that holds fails its test until it is taken off, so the list only shrinks.
 */
export const OPEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  clock: {
    'the clock jumps 400 days ahead for all: nobody was silent':
      'MQTT-3.1.2-24: the client was silent for 34560005 s, keep alive is 10 s, and the broker did not close',
    'the clock jumps an hour ahead for all: nobody was silent':
      'MQTT-3.1.2-24: the client was silent for 3605 s, keep alive is 10 s, and the broker did not close',
    'the clock jumps ahead between questions and their answers: that is no latency':
      'MQTT-3.1.2-24: the client was silent for 34560005 s, keep alive is 10 s, and the broker did not close',
  },
  ends: {
    'the broker closes 30 ms after a retained PUBLISH: its session says who closed, after which packet, and what was unanswered':
      'the session says "broker: closed", not after which packet',
    'the broker resets: its session says so': 'the session says "reset", not by whom',
    'the client resets: its session says so': 'the session says "reset", not by whom',
    'the broker closes on a client that was silent for 16 s of a keep alive of 10 s: its session says both':
      'the session says "broker: closed, keep alive exceeded", without the times',
    'a client closes without DISCONNECT right after CONNACK: its session says after which packet':
      'the session says "client: closed", not after which packet',
    'PINGRESP is stuck behind a large message for 20 s, and the client closes: told with its cause':
      'the open PINGREQ is told without the message that is under way',
    'PINGRESP comes after 10 s, behind a large message: told with its cause, and no error':
      'nothing is said of the 14 s',
    'four connections idle for 300 s of a keep alive of 1,200 s, and each ends in silence: told, with 300 s':
      'connections are not compared',
  },
  reconnects: {
    'ten attempts, five seconds apart, each refused as unavailable: told, with five seconds':
      'reconnects are not looked at',
    'eight attempts, each after twice the time of the one before: told, with the longest':
      'reconnects are not looked at',
    'a client is thrown out and is back every 100 ms: told': 'reconnects are not looked at',
    'forty clients lose their broker and are back within a second: told as a storm': 'reconnects are not looked at',
  },
  resends: {
    'PUBREC again and again in a resumed session, and no PUBREL: told': 'nothing is said',
    'PUBREC again and again in a resumed session of 5.0, and no PUBREL: told': 'nothing is said',
    'DUP after the broker lost the session, in 3.1.1: the message was sent before, and the lost session is told':
      'MQTT-4.3.2-1: DUP is 1, and no message under packet id 1 waits',
    'DUP after the broker lost the session, in 5.0: the message was sent before, and the lost session is told':
      'MQTT-4.3.2-2: DUP is 1, and no message under packet id 1 waits',
  },
}
