/**
 * Where a change is judged (CI), property tests take the same examples each time; elsewhere new ones at each run, and
 * fewer of them.
 */
import fc from 'fast-check'
import { effort } from './effort.ts'

const CI_SEED = 20_261_120
const isCI = process.env.CI !== undefined && process.env.CI !== ''
fc.configureGlobal({ numRuns: effort(50, 100), ...(isCI ? { seed: CI_SEED } : {}) })
