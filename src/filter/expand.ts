/** Short words for common questions. They are written out before the reader's eyes, and so teach the language. */
import { TYPE_NAMES } from '../mqtt/spec.ts'

interface Shortcut {
  readonly pattern: RegExp
  readonly expand: (argument: string) => string
  /** As it is offered. */
  readonly example: string
  readonly meaning: string
}

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`

const TYPES: ReadonlyMap<string, string> = new Map(
  TYPE_NAMES.filter(name => name !== 'RESERVED').map(name => [name.toLowerCase(), name]),
)

export const SHORTCUTS: readonly Shortcut[] = [
  {
    pattern: /^qos([012])$/,
    expand: qos => `mqtt.qos == ${qos}`,
    example: 'qos2',
    meaning: 'messages of a quality of service',
  },
  {
    pattern: /^(errors)$/,
    expand: () => 'mqtt.finding.level == error',
    example: 'errors',
    meaning: 'what breaks a rule',
  },
  {
    pattern: /^slow\s+(\d+(?:\.\d+)?\s*(?:ns|us|µs|ms|s|min))$/,
    expand: time => `mqtt.exchange.latency >= ${time.replace(/\s/g, '')}`,
    example: 'slow 100ms',
    meaning: 'answers that took so long',
  },
  {
    pattern: /^client\s+(\S.*)$/,
    expand: client => `mqtt.client == ${quote(client)}`,
    example: 'client foo',
    meaning: 'all packets of a client',
  },
  {
    pattern: /^topic\s+(\S.*)$/,
    expand: topic => `mqtt.topic like ${quote(topic)}`,
    example: 'topic a/+/b',
    meaning: 'topics, with + for one level and # for all below',
  },
]

/** The expression that a shortcut stands for; any other text as it is. */
export function expand(text: string): string {
  const trimmed = text.trim()
  const type = TYPES.get(trimmed)
  if (type !== undefined) return `mqtt.msgtype == ${type}`
  for (const { pattern, expand: write } of SHORTCUTS) {
    const argument = pattern.exec(trimmed)?.[1]
    if (argument !== undefined && !/^["'=!<>~]|^(?:==|eq|contains|matches|in|like)\b/.test(argument))
      return write(argument)
  }
  return text
}

/** The words that `expand` knows, as they are offered. */
export const shortcuts = (): readonly { readonly text: string; readonly meaning: string }[] => [
  ...[...TYPES].map(([text, name]) => ({ text, meaning: `all ${name} packets` })),
  ...SHORTCUTS.map(({ example, meaning }) => ({ text: example, meaning })),
]
