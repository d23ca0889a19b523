/** Words that every export uses for the same thing. */
export { VERSION_NAMES } from '../mqtt/spec.ts'
