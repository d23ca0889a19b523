/** RFC 8448 §3: the trace of a simple handshake of TLS 1.3, its secrets, keys and IVs; and the functions of TLS 1.2 and before. */
import { describe, expect, test } from 'vitest'
import { fromHex, hex } from '../../../src/base/bytes.ts'
import { nodeCrypto } from '../../../src/transport/tls/node-crypto.ts'
import {
  blockKeys,
  expandLabel,
  masterSecret,
  nextSecret,
  pseudoRandom,
  TLS_10,
  TLS_12,
  trafficKeys,
} from '../../../src/transport/tls/schedule.ts'
import { suiteOf } from '../../../src/transport/tls/suites.ts'

const AES_128_GCM = suiteOf(0x1301)

describe('TLS 1.3', () => {
  // RFC 8448 §3, "derive read traffic keys for handshake data" of the client, and those for application data.
  test.each([
    [
      'handshake of the server',
      'b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38',
      '3fce516009c21727d0f2e4e86ee403bc',
      '5d313eb2671276ee13000b30',
    ],
    [
      'application data of the server',
      'a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643',
      '9f02283b6c9c07efc26bb9f2ac92e356',
      'cf782b88dd83549aadf1e984',
    ],
    [
      'application data of the client',
      '9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5',
      '17422dda596ed5d9acd890e3c63f5051',
      '5b78923dee08579033e523d9',
    ],
  ])('keys: %s', (_name, secret, key, iv) => {
    const keys = trafficKeys(nodeCrypto, AES_128_GCM, fromHex(secret))
    expect(hex(keys.key)).toBe(key)
    expect(hex(keys.iv)).toBe(iv)
  })

  test('a Finished key is 32 bytes by another label', () => {
    // RFC 8448 §3, "calculate finished" of the server.
    const secret = fromHex('b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38')
    expect(hex(expandLabel(nodeCrypto, 'sha256', secret, 'finished', 32))).toBe(
      '008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8',
    )
  })

  test('each update of a key has the size of the hash', () => {
    expect(nextSecret(nodeCrypto, AES_128_GCM, new Uint8Array(32))).toHaveLength(32)
    expect(nextSecret(nodeCrypto, suiteOf(0x1302), new Uint8Array(48))).toHaveLength(48)
  })
})

describe('TLS 1.2 and before', () => {
  // Test vectors for the function of TLS 1.2 with SHA-256, as the working group published them.
  test('the pseudorandom function of TLS 1.2', () => {
    const out = pseudoRandom(
      nodeCrypto,
      TLS_12,
      'sha256',
      fromHex('9bbe436ba940f017b17652849a71db35'),
      'test label',
      fromHex('a0ba9f936cda311827a6f796ffd5198c'),
      100,
    )
    expect(hex(out)).toBe(
      'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a' +
        '6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab' +
        '4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701' +
        '87347b66',
    )
  })

  test('the one of TLS 1.0 mixes two hashes over halves that share a byte of an odd secret', () => {
    const seed = fromHex('0102')
    const odd = pseudoRandom(nodeCrypto, TLS_10, 'sha256', fromHex('aabbcc'), 'x', seed, 16)
    const even = pseudoRandom(nodeCrypto, TLS_10, 'sha256', fromHex('aabbbbcc'), 'x', seed, 16)
    expect(hex(odd)).toBe(hex(even))
  })

  test('the key block is dealt out in the order of the RFC', () => {
    const randoms = { client: new Uint8Array(32).fill(1), server: new Uint8Array(32).fill(2) }
    const suite = suiteOf(0x002f)
    const master = masterSecret(nodeCrypto, TLS_12, suite, new Uint8Array(48).fill(3), randoms)
    expect(master).toHaveLength(48)
    const client = blockKeys(nodeCrypto, TLS_12, suite, master, randoms, true)
    const server = blockKeys(nodeCrypto, TLS_12, suite, master, randoms, false)
    const seed = new Uint8Array([...randoms.server, ...randoms.client])
    const block = pseudoRandom(nodeCrypto, TLS_12, 'sha256', master, 'key expansion', seed, 2 * (20 + 16 + 16))
    const all = [client.mac, server.mac, client.key, server.key, client.iv, server.iv].map(part => hex(part)).join('')
    expect(all).toBe(hex(block))
  })
})
