// Loaded into the program under test: tells on stderr how late its event loop was, and what it held.
import { monitorEventLoopDelay } from 'node:perf_hooks'

const lag = monitorEventLoopDelay({ resolution: 2 })
// The program itself is loaded first.
setTimeout(() => lag.enable(), 300).unref()
process.on('exit', () => {
  const [most, usual] = [lag.max, lag.percentile(99)].map(nanos => (nanos / 1e6).toFixed(1))
  process.stderr.write(`\nlag ${most} ms at most, ${usual} ms for 99 %; rss ${process.resourceUsage().maxRSS} kB\n`)
})
