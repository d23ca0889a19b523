/** Names, in words, files that are no captures, and says how to make a capture of them. */
import { u32le } from '../base/bytes.ts'
import { decodeText, latin1Text } from '../base/strings.ts'
import { bytesText } from './ledger.ts'

/** Bytes looked at: text is text only if all of them are. */
export const MOST_LOOKED = 64

/** A file that begins with the characters of `start`, each of them one byte, and the words for it. */
type Opening = readonly [start: string, words: string]

const PICTURE = 'a picture, not a capture'
const unpack = (what: string, command: string): string => `compressed with ${what}: unpack it first (${command})`

const OPENINGS: readonly Opening[] = [
  ['BZh', unpack('bzip2', 'bunzip2')],
  ['\x28\xb5\x2f\xfd', unpack('zstd', 'unzstd')],
  ['\x04\x22\x4d\x18', unpack('lz4', 'unlz4')],
  ['\xfd7zXZ', unpack('xz', 'unxz')],
  ['\x1f\x9d', unpack('compress', 'uncompress')],
  ['PK\x03\x04', 'a zip archive: unpack it first (unzip)'],
  ['7z\xbc\xaf\x27\x1c', 'a 7z archive: unpack it first (7z x)'],
  ['Rar!', 'a rar archive: unpack it first (unrar x)'],
  ['version https://git-lfs', 'a pointer of Git LFS, not the file itself: get that with git lfs pull'],
  ['\x89PNG', `${PICTURE} (PNG)`],
  ['\xff\xd8\xff', `${PICTURE} (JPEG)`],
  ['GIF8', `${PICTURE} (GIF)`],
  ['%PDF', 'a PDF document, not a capture'],
  ['\x7fELF', 'a program, not a capture'],
  ['SQLite format 3', 'an SQLite database, not a capture'],
  ['btsnoop\0', 'a btsnoop capture of Bluetooth, which carries no MQTT over TCP'],
  ['snoop\0', 'a snoop capture: editcap makes pcapng of it'],
  ['GMBU', 'a Microsoft Network Monitor capture: editcap makes pcapng of it'],
  ['RTSS', 'a Microsoft Network Monitor capture: editcap makes pcapng of it'],
  ['XSCR', 'a Sniffer capture: editcap makes pcapng of it'],
  ['TRSNIFF data', 'a Sniffer capture: editcap makes pcapng of it'],
  ['\x1c\x00\x01\xac', 'an Ixia lcap capture with hardware time'],
  ['\xac\x01\x00\x1c', 'an Ixia lcap capture with hardware time'],
  ['\x1c\x00\x01\xab', 'an Ixia lcap capture with software time'],
  ['\xab\x01\x00\x1c', 'an Ixia lcap capture with software time'],
]

/** Beginnings of texts in lower case, after blanks and a byte order mark. */
const TEXTS: readonly Opening[] = [
  ['<!doctype html', 'a page of HTML: the download went wrong, or a login page came in its place'],
  ['<html', 'a page of HTML: the download went wrong, or a login page came in its place'],
  ['<', 'XML, which holds no frames: export a capture as pcapng'],
  ['{', 'JSON, which holds no frames: export a capture as pcapng'],
  ['[', 'JSON, which holds no frames: export a capture as pcapng'],
]
const TEXT = 'text, not a capture: text2pcap makes one of frames in hex'
const MARKS: readonly string[] = ['\xef\xbb\xbf', '\xff\xfe', '\xfe\xff']

/** Returns what `bytes[start..end)` are, which begin no capture: `it is …`, or the first of them in hex. */
export function foreignWords(bytes: Uint8Array, start: number, end: number): string {
  const head = bytes.subarray(start, Math.min(end, start + MOST_LOOKED))
  const codes = latin1Text(head)
  const opening = OPENINGS.find(([begins]) => codes.startsWith(begins))
  if (opening !== undefined) return `it is ${opening[1]}`
  const mark = MARKS.find(known => codes.startsWith(known)) ?? ''
  const isWide = mark.length === 2
  if (isWide || isText(head.subarray(mark.length))) {
    const plain = codes.slice(mark.length).replaceAll('\0', '').trimStart().toLowerCase()
    return `it is ${TEXTS.find(([begins]) => plain.startsWith(begins))?.[1] ?? TEXT}`
  }
  if (head.length < 4) return `it is too short, ${bytesText(head.length)}`
  return `it begins with 0x${u32le(head, 0).toString(16).padStart(8, '0')} (little-endian)`
}

/** UTF-8 without control characters but those of lines; the last character may be cut. */
function isText(bytes: Uint8Array): boolean {
  const text = decodeText(bytes, 0, bytes.length).replace(/\ufffd+$/, '')
  return text !== '' && !/[^\P{Cc}\t\n\r\f\x1b]|\ufffd/u.test(text)
}
