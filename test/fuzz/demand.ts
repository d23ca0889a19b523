/** What must hold, whatever comes. */
export function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(`broken: ${what}`)
}
