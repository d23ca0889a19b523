/**
 * How much a run of the tests tries. `npm test` is for whoever changes the code, every few minutes; with
 * `MQTT_SNIFF_TEST_EFFORT=large`, as `.ci/long` has it, each test that draws its inputs draws many times as many.
 */
const isLarge = process.env.MQTT_SNIFF_TEST_EFFORT === 'large'

/** The first of both in `npm test`, the second where the effort is large. */
export const effort = <Amount>(small: Amount, large: Amount): Amount => (isLarge ? large : small)
