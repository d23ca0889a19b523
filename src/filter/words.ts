/** The words that stand for values of our own fields, in the order in which `<` has them. */
export const LEVELS = ['note', 'warning', 'error'] as const
export const SENDERS = ['client', 'server', 'unknown'] as const
/** What a PUBLISH is on the way of its message: see `FanOutFact`. */
export const ROLES = ['fresh', 'copy', 'extra', 'replay', 'again'] as const
export const STATES = ['open', 'complete', 'refused', 'abandoned'] as const
