/**
 * Levels of a finding, the mildest first. `error`: violates the specification. `warning`: violates a SHOULD, or may have
 * a cause outside the capture. `note`: worth knowing.
 */
export const LEVELS = ['note', 'warning', 'error'] as const
export type Level = (typeof LEVELS)[number]
