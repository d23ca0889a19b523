/**
 * Schemas of protobuf: a `.proto` file with its imports, or a descriptor set (`protoc -o FILE --include_imports`), to a type
 * that the decoder reads. This is the one place that knows protobufjs, which is loaded when a schema is named.
 */
import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import type { Field, Root, Type } from 'protobufjs'
import { UsageError } from '../base/exit.ts'
import type { ProtoField, ProtoKind, ProtoMessage } from '../payload/proto-type.ts'

/** Bytes of all files of one schema. */
const MOST_BYTES = 4 * 1024 * 1024

type Library = typeof import('protobufjs')

/** Returns the message `typeName` of the schema in `file`. `paths`: more folders in which imports are looked for. */
export async function loadProtoType(
  file: string,
  typeName: string,
  paths: readonly string[] = [],
): Promise<ProtoMessage> {
  const { default: library } = await import('protobufjs')
  const root = file.endsWith('.proto')
    ? await new SchemaReader(library, [dirname(file), ...paths]).read(file)
    : await readSet(library, file)
  const type = attempt(file, () => root.resolveAll().lookup(typeName))
  if (type === null || !(type instanceof library.Type)) throw new UsageError(`${file}: there is no message ${typeName}`)
  return attempt(file, () => new TypeMaker(library).of(type))
}

/** Reads files of a schema and what they import, each once. */
class SchemaReader {
  private readonly library: Library
  private readonly folders: readonly string[]
  private readonly root: Root
  private readonly seen = new Set<string>()
  private bytes = 0

  constructor(library: Library, folders: readonly string[]) {
    this.library = library
    this.folders = folders
    this.root = new library.Root()
  }

  async read(file: string): Promise<Root> {
    await this.add(file, await this.text(file))
    return this.root
  }

  private async add(file: string, text: string): Promise<void> {
    const { imports, weakImports } = attempt(file, () => {
      Object.assign(this.library.parse, { filename: file })
      return this.library.parse(text, this.root, { keepCase: true })
    })
    for (const name of [...(imports ?? []), ...(weakImports ?? [])]) await this.import(name, file)
  }

  private async import(name: string, from: string): Promise<void> {
    if (this.seen.has(name)) return
    this.seen.add(name)
    if (isAbsolute(name) || name.split(/[\\/]/).includes('..'))
      throw new UsageError(`${from}: the import ${name} leaves the folder of the schema`)
    for (const folder of this.folders) {
      const file = join(folder, name)
      const text = await this.textIfThere(file)
      if (text !== undefined) return this.add(file, text)
    }
    const common = this.library.common.get(name)
    if (common?.nested === undefined)
      throw new UsageError(`${from}: there is no ${name} beside it; name its folder with --schema-path`)
    this.root.addJSON(common.nested)
  }

  private async text(file: string): Promise<string> {
    const text = await this.textIfThere(file)
    if (text === undefined) throw new UsageError(`cannot read ${file}: no such file`)
    return text
  }

  private async textIfThere(file: string): Promise<string | undefined> {
    const bytes = await bytesOf(file)
    this.bytes += bytes?.length ?? 0
    if (this.bytes > MOST_BYTES) throw new UsageError(`${file}: the schema has more than ${MOST_BYTES >> 20} MiB`)
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
  }
}

/** Reads a FileDescriptorSet. */
async function readSet(library: Library, file: string): Promise<Root> {
  const bytes = await bytesOf(file)
  if (bytes === undefined) throw new UsageError(`cannot read ${file}: no such file`)
  if (bytes.length > MOST_BYTES) throw new UsageError(`${file}: the schema has more than ${MOST_BYTES >> 20} MiB`)
  // The extension gives `Root` one more method.
  await import('protobufjs/ext/descriptor.js')
  return attempt(file, () => (library.Root as unknown as SetReader).fromDescriptor(bytes, { keepCase: true }))
}

/** What the extension of protobufjs adds to `Root`; its types do not say so. */
interface SetReader {
  fromDescriptor(set: Uint8Array, options: { readonly keepCase: boolean }): Root
}

async function bytesOf(file: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(file))
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new UsageError(`cannot read ${file}: ${code === 'EISDIR' ? 'it is a folder' : 'no permission'}`)
  }
}

/** Turns what the library throws into one line. Its texts have the file and the line. */
function attempt<Result>(file: string, work: () => Result): Result {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    const [line = ''] = String((cause as Error).message ?? cause).split('\n')
    throw new UsageError(`the schema ${file} cannot be read: ${line}`)
  }
}

/** Makes the types of the decoder, each once: messages may be inside themselves. */
class TypeMaker {
  private readonly library: Library
  private readonly made = new Map<Type, ProtoMessage>()

  constructor(library: Library) {
    this.library = library
  }

  of(type: Type): ProtoMessage {
    const known = this.made.get(type)
    if (known !== undefined) return known
    const fields: ProtoField[] = []
    const message = { name: type.fullName.replace(/^\./, ''), fields }
    this.made.set(type, message)
    for (const field of type.fieldsArray.toSorted((a, b) => a.id - b.id)) fields.push(this.field(field))
    return message
  }

  private field(field: Field): ProtoField {
    const { name, id: number } = field
    const base = {
      ...PLAIN,
      name,
      number,
      isRepeated: field.repeated,
      isStrict: featureOf(field, 'utf8_validation') === 'VERIFY',
    }
    const { resolvedType } = field
    if (field instanceof this.library.MapField)
      return { ...base, kind: 'message', isMap: true, isRepeated: true, message: this.entry(field, base) }
    const oneof = field.partOf?.name
    if (resolvedType instanceof this.library.Type) {
      const isGroup = (field as { delimited?: boolean }).delimited === true
      return { ...base, oneof, kind: 'message', message: this.of(resolvedType), isGroup }
    }
    return { ...base, oneof, ...this.kind(field) }
  }

  private kind({ resolvedType, type }: Field): Pick<ProtoField, 'kind' | 'names' | 'isClosed'> {
    if (!(resolvedType instanceof this.library.Enum))
      return { kind: type as ProtoKind, names: NO_NAMES, isClosed: false }
    const names = new Map<number, string>()
    for (const [name, value] of Object.entries(resolvedType.values)) if (!names.has(value)) names.set(value, name)
    return { kind: 'enum', names, isClosed: featureOf(resolvedType, 'enum_type') === 'CLOSED' }
  }

  /** A map is a list of messages with a key and a value. */
  private entry(field: Field & { keyType: string }, base: ProtoField): ProtoMessage {
    const { resolvedType } = field
    const single = { ...base, isRepeated: false }
    const key: ProtoField = { ...single, name: 'key', number: 1, kind: field.keyType as ProtoKind }
    const value: ProtoField =
      resolvedType instanceof this.library.Type
        ? { ...single, name: 'value', number: 2, kind: 'message', message: this.of(resolvedType) }
        : { ...single, name: 'value', number: 2, ...this.kind(field) }
    return { name: '', fields: [key, value] }
  }
}

const NO_NAMES: ReadonlyMap<number, string> = new Map()
const PLAIN: ProtoField = {
  name: '',
  number: 0,
  kind: 'int32',
  isRepeated: false,
  isMap: false,
  oneof: undefined,
  message: undefined,
  isGroup: false,
  names: NO_NAMES,
  isClosed: false,
  isStrict: false,
}

/** Returns a feature that the edition or the syntax of the file sets. */
const featureOf = (object: object, name: string): unknown =>
  (object as { readonly _features?: Readonly<Record<string, unknown>> })._features?.[name]
