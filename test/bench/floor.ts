/** The tools that may be missing: tshark, a C compiler, libpcap. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** First line of the tool's version, or undefined where it is not installed. */
export function findTool(name: string): string | undefined {
  try {
    return execFileSync(name, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0]
  } catch {
    return undefined
  }
}

const SOURCE = `
#include <pcap/pcap.h>
#include <stdio.h>

int main(int argc, char **argv) {
  char error[PCAP_ERRBUF_SIZE];
  pcap_t *capture = argc > 1 ? pcap_open_offline(argv[1], error) : NULL;
  if (capture == NULL) return 1;
  struct pcap_pkthdr *header;
  const unsigned char *bytes;
  unsigned long long frames = 0, sum = 0;
  while (pcap_next_ex(capture, &header, &bytes) == 1) {
    frames++;
    sum += header->caplen > 0 ? bytes[header->caplen - 1] : 0;
  }
  printf("%llu %llu\\n", frames, sum);
  pcap_close(capture);
  return 0;
}
`

export function compileFloor(folder: string): { readonly path?: string; readonly why?: string } {
  if (findTool('cc') === undefined) return { why: 'no C compiler (cc)' }
  const source = join(folder, 'floor.c')
  const path = join(folder, 'floor')
  writeFileSync(source, SOURCE)
  try {
    execFileSync('cc', ['-O2', '-o', path, source, '-lpcap'], { stdio: 'ignore' })
    return { path }
  } catch {
    return { why: 'libpcap or its headers are missing (libpcap-dev)' }
  }
}
