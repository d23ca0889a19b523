/** Where a change is judged (CI), property tests take the same examples each time; elsewhere new ones at each run. */
import fc from 'fast-check'

const CI_SEED = 20_261_120
if (process.env.CI !== undefined && process.env.CI !== '') fc.configureGlobal({ seed: CI_SEED })
