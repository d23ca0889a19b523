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
}
