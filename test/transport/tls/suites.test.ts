/** What the names of suites say. */
import { describe, expect, test } from 'vitest'
import { suiteOf, suitesOfSize } from '../../../src/transport/tls/suites.ts'

describe('suites', () => {
  test.each([
    [0x1301, 'TLS_AES_128_GCM_SHA256', 'aead', 'aes-128-gcm', 16, 16, 'sha256'],
    [0x1302, 'TLS_AES_256_GCM_SHA384', 'aead', 'aes-256-gcm', 32, 16, 'sha384'],
    [0x1303, 'TLS_CHACHA20_POLY1305_SHA256', 'aead', 'chacha20-poly1305', 32, 16, 'sha256'],
    [0x1305, 'TLS_AES_128_CCM_8_SHA256', 'aead', 'aes-128-ccm', 16, 8, 'sha256'],
    [0xc02f, 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'aead', 'aes-128-gcm', 16, 16, 'sha256'],
    [0xc0a0, 'TLS_RSA_WITH_AES_128_CCM_8', 'aead', 'aes-128-ccm', 16, 8, 'sha256'],
    [0xc028, 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', 'cbc', 'aes-256-cbc', 32, 0, 'sha384'],
    [0x000a, 'TLS_RSA_WITH_3DES_EDE_CBC_SHA', 'cbc', 'des-ede3-cbc', 24, 0, 'sha256'],
    [0x0002, 'TLS_RSA_WITH_NULL_SHA', 'none', '', 0, 0, 'sha256'],
    [0x0005, 'TLS_RSA_WITH_RC4_128_SHA', 'unknown', '', 0, 0, 'sha256'],
  ])('%i', (number, name, mode, cipher, keySize, tagSize, hash) => {
    expect(suiteOf(number)).toMatchObject({ name, mode, cipher, keySize, tagSize, hash })
  })

  test('the hash that signs, where the cipher does not', () => {
    expect([0x0001, 0x002f, 0x003c, 0xc028].map(number => suiteOf(number).mac)).toEqual([
      'md5',
      'sha1',
      'sha256',
      'sha384',
    ])
  })

  test('one without a name', () => {
    expect(suiteOf(0xfafa)).toMatchObject({ name: '0xfafa', mode: 'unknown' })
  })

  test('those of TLS 1.3 by the size of their secrets', () => {
    expect(suitesOfSize(48).map(({ name }) => name)).toEqual(['TLS_AES_256_GCM_SHA384'])
    expect(suitesOfSize(32)).toHaveLength(4)
    expect(suitesOfSize(20)).toEqual([])
  })
})
