/** A time in the message of a finding: in seconds, to the tenth. */
export const seconds = (value: number): string => `${Math.round(value * 10) / 10} s`
