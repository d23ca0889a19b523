/** The command line of `tap`: argv → a source. What is shown of it, and how, is up to the options of every capture. */
import { type Command, Option } from 'commander'
import { UsageError } from '../base/exit.ts'
import { readReason } from '../base/system-reason.ts'
import { readSmallFile } from '../capture/sources/small-file.ts'
import type { BrokerTls, Certificate, Place, TapInput } from '../capture/sources/tap/options.ts'
import { tell } from '../tui/terminal/stderr.ts'
import { keysOf } from './key-options.ts'
import { liveOptions } from './live-options.ts'
import { addOptions, type ReadingFlags, type Source, sourceOptions } from './options.ts'
import { portsOf } from './port-options.ts'
import { brokerPlace, listenPlace } from './tap-place.ts'

interface TapFlags {
  listen: Place
  to: string
  tls: boolean
  ca?: string
  cert?: string
  key?: string
  insecure: boolean
  listenTls?: string
}

const HELP = `
A tap needs no rights and no capture program: clients connect to it in place of the broker, and it hands every byte on,
unchanged, both ways. It listens on loopback unless --listen names another address. Ctrl-C ends it and its connections.

Example, with a broker on port 1883 of this machine:
  mqtt-sniff tap --listen 1884 --to localhost:1883     in one terminal
  mosquitto_sub -p 1884 -t '#'                         in another; its packets appear in the first

  mqtt-sniff tap --to broker:1883 -w seen.pcapng -T text         print the packets and save the frames
  mqtt-sniff tap --to broker.example:8883 --tls --ca ca.pem      plain for the client, TLS to the broker
  mqtt-sniff tap --listen 0.0.0.0:8883 --listen-tls cert.pem,key.pem --to broker:1883

Exit codes: as mqtt-sniff; 0 also after Ctrl-C and SIGTERM, 2 also if --to is the tap itself, 4 if the port cannot be had.`

/** `show` is called with what passes through the tap, and the other options. */
export function addTap<Flags>(
  program: Command,
  showing: readonly Option[],
  show: (source: Source, flags: Flags) => Promise<void>,
): void {
  const command = program
    .command('tap')
    .description('be a proxy before a broker and capture what passes: no rights needed, on every system')
    .addHelpText('after', HELP)
  addOptions(command, 'Connections:', tapOptions())
  addOptions(command, 'Input:', [
    ...sourceOptions().filter(option => option.attributeName() !== 'read'),
    ...liveOptions().filter(option => LIVE.includes(option.attributeName())),
  ])
  addOptions(command, 'Output:', showing)
  command.action(async (flags: TapFlags & ReadingFlags & Flags) => show(await sourceOf(flags), flags))
}

/** Of the options of a live capture, those that make sense for a tap. */
const LIVE: readonly string[] = ['autostop', 'ringBuffer']

const DEFAULT_LISTEN = 1884

const tapOptions = (): readonly Option[] => [
  new Option('--listen <[host:]port>', 'where clients connect; without a host on loopback; port 0: any free port')
    .argParser(listenPlace)
    .default({ host: '127.0.0.1', port: DEFAULT_LISTEN }, `${DEFAULT_LISTEN}`),
  new Option('--to <host[:port]>', 'the broker (port 1883, with --tls 8883)').makeOptionMandatory(),
  new Option('--tls', 'TLS to the broker').default(false, 'off'),
  new Option('--ca <file>', "with --tls: trust these authorities (PEM) instead of the system's"),
  new Option('--cert <file>', 'with --tls: certificate of the client (PEM), with --key'),
  new Option('--key <file>', 'with --tls: private key of --cert (PEM)'),
  new Option('--insecure', 'with --tls: trust any certificate').default(false, 'off'),
  new Option('--listen-tls <cert,key>', 'TLS from the client, with this certificate and key (PEM files)'),
]

async function sourceOf(flags: TapFlags & ReadingFlags): Promise<Source> {
  const input = tapInput(flags)
  await checkTls(input)
  const { host } = input.listen
  if (!isLoopback(host))
    tell(`warning: the tap listens on ${host}: everybody who can reach it can reach the broker through it`)
  return { input, ...portsOf(flags), ...keysOf(input, flags.keylog, flags.quiet) }
}

const isLoopback = (host: string): boolean => /^(localhost\.?|127\.[\d.]+|::1)$/i.test(host)

function tapInput({ listen, to, tls, listenTls, ...flags }: TapFlags): TapInput {
  const { ca, cert, key, insecure } = flags
  if (!tls && (insecure || [ca, cert, key].some(file => file !== undefined)))
    throw new UsageError('--ca, --cert, --key and --insecure need --tls')
  return {
    listen,
    to: brokerPlace(to, tls ? 8883 : 1883, '--to'),
    tls: tls ? brokerTls(flags) : undefined,
    listenTls: listenTls === undefined ? undefined : listenCertificate(listenTls),
  }
}

function brokerTls({ ca, cert, key, insecure }: Omit<TapFlags, 'listen' | 'to' | 'tls'>): BrokerTls {
  if ((cert === undefined) !== (key === undefined)) throw new UsageError('--cert and --key belong together')
  const own = cert === undefined || key === undefined ? undefined : certificate('--cert', cert, key)
  return { ca: ca === undefined ? undefined : pem('--ca', ca), own, insecure }
}

function listenCertificate(text: string): Certificate {
  const [cert = '', key = ''] = text.split(/,(.*)/s)
  if (cert === '' || key === '') throw new UsageError('--listen-tls needs two files: CERT,KEY')
  return certificate('--listen-tls', cert, key)
}

const certificate = (option: string, cert: string, key: string): Certificate => ({
  cert: pem(option, cert),
  key: pem(option, key),
})

/** Throws a UsageError for certificates and keys that OpenSSL cannot read, or that do not belong together. */
async function checkTls({ tls, listenTls }: TapInput): Promise<void> {
  const { createSecureContext } = await import('node:tls')
  const check = (option: string, settings: object): void => {
    try {
      createSecureContext(settings)
    } catch (cause) {
      throw new UsageError(`${option}: no certificate or key in PEM that fit together (${(cause as Error).message})`)
    }
  }
  if (tls?.ca !== undefined && !tls.ca.includes('-----BEGIN'))
    throw new UsageError('--ca: there is no certificate in PEM')
  if (tls?.ca !== undefined) check('--ca', { ca: tls.ca })
  if (tls?.own !== undefined) check('--cert', tls.own)
  if (listenTls !== undefined) check('--listen-tls', listenTls)
}

/** Bytes of a file of certificates; those that come with browsers and systems have some 200 kB. */
const MOST_PEM_BYTES = 4 * 1024 * 1024

function pem(option: string, file: string): string {
  try {
    return readSmallFile(file, MOST_PEM_BYTES).toString('latin1')
  } catch (cause) {
    throw new UsageError(`cannot read ${option} ${file}: ${readReason(cause)}`)
  }
}
