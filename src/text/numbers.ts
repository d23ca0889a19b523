/** Numbers and counted things as people read them. */

/** `1,234`: rounded to a whole number, with a comma between groups of three digits. */
export const grouped = (value: number): string => Math.round(value).toLocaleString('en')

/** `1,234 packets`, `1 copy`: screens and messages. */
export const count = (value: number, one: string, many = `${one}s`): string =>
  `${grouped(value)} ${value === 1 ? one : many}`

/** `1234 packets`, `1 copy`: the same without commas, as reports and the summary have it. */
export const plainCount = (value: number, one: string, many = `${one}s`): string =>
  `${value} ${value === 1 ? one : many}`
