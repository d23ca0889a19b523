/** Real servers that speak no MQTT, with their clients: how each is started in a folder and on a port of its own, and what is asked of it. */
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withSbin } from './live.ts'

/** A program with its arguments. */
export type Command = readonly string[]

export interface ForeignServer {
  readonly name: string
  /** The packages of Debian that hold the tools, as `.ci/run` installs them. */
  readonly packages: readonly string[]
  readonly tools: readonly string[]
  /** Prepares the folder. Returns the command that serves on the port until it is ended. */
  serve(home: string, port: number): Command
  /** What clients do, one after the other; each ends with 0. */
  readonly clients: (home: string, port: number) => readonly Command[]
  /** True if the server has to run as root; absent: it runs as nobody. */
  readonly isRoot?: true
  /** The signal that ends it; absent: SIGTERM. */
  readonly signal?: NodeJS.Signals
}

/** The user and group `nobody` of Debian, who owns nothing. */
export const NOBODY = 65_534
const LOOPBACK = '127.0.0.1'

const asNobody = { uid: NOBODY, gid: NOBODY, env: withSbin(), stdio: 'ignore' } as const
const prepare = (program: string, ...args: string[]): void => void execFileSync(program, args, asNobody)

/** Writes a file that everybody may read. Returns its path. */
function file(home: string, name: string, text: string): string {
  const path = join(home, name)
  writeFileSync(path, text)
  return path
}

function ownFolder(home: string, name: string): string {
  const path = join(home, name)
  mkdirSync(path)
  chownSync(path, NOBODY, NOBODY)
  return path
}

/** A text of many lines, of which no two are alike. */
const lines = (count: number): string => Array.from({ length: count }, (_, at) => `${at} ${at * at}\n`).join('')

function nginx(home: string, listen: string): Command {
  file(home, 'page.txt', lines(5000))
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path ${home}/${name};`)
  const server = `server { listen ${listen}; root ${home}; ssl_certificate ${home}/cert; ssl_certificate_key ${home}/key; }`
  const text = `daemon off; master_process off; pid ${home}/pid; error_log stderr; events {} http { access_log off; ${paths.join(' ')} ${server} }`
  const subject = ['-subj', '/CN=localhost', '-days', '2']
  prepare(
    'openssl',
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    `${home}/key`,
    '-out',
    `${home}/cert`,
    ...subject,
  )
  return ['nginx', '-p', home, '-c', file(home, 'nginx.conf', text)]
}

const curl = (...args: string[]): Command => ['curl', '-sS', '-o', '/dev/null', ...args]

const WEB: readonly ForeignServer[] = [
  {
    name: 'HTTP/1.1',
    packages: ['nginx-light', 'curl', 'openssl'],
    tools: ['nginx', 'curl', 'openssl'],
    serve: (home, port) => nginx(home, `${LOOPBACK}:${port}`),
    clients: (_home, port) => [
      curl(`http://${LOOPBACK}:${port}/page.txt`, `http://${LOOPBACK}:${port}/none`),
      curl('-d', 'a=1', `http://${LOOPBACK}:${port}/page.txt`),
    ],
  },
  {
    name: 'HTTP/2',
    packages: ['nginx-light', 'curl', 'openssl'],
    tools: ['nginx', 'curl', 'openssl'],
    serve: (home, port) => nginx(home, `${LOOPBACK}:${port} http2`),
    clients: (_home, port) => [
      curl('--http2-prior-knowledge', `http://${LOOPBACK}:${port}/page.txt`),
      curl('--http2-prior-knowledge', `http://${LOOPBACK}:${port}/none`),
    ],
  },
  {
    name: 'HTTP/2 over TLS',
    packages: ['nginx-light', 'curl', 'openssl'],
    tools: ['nginx', 'curl', 'openssl'],
    serve: (home, port) => nginx(home, `${LOOPBACK}:${port} ssl http2`),
    clients: (_home, port) => [curl('-k', '--http2', `https://${LOOPBACK}:${port}/page.txt`)],
  },
]

const STORES: readonly ForeignServer[] = [
  {
    name: 'Redis',
    packages: ['redis-server', 'redis-tools'],
    tools: ['redis-server', 'redis-cli'],
    serve: (home, port) => ['redis-server', '--bind', LOOPBACK, '--port', `${port}`, '--dir', home, '--save', ''],
    clients: (_home, port) => [
      ['redis-cli', '-p', `${port}`, 'set', 'a', lines(100)],
      ['redis-cli', '-p', `${port}`, '-r', '20', 'get', 'a'],
      ['redis-cli', '-3', '-p', `${port}`, 'info'],
      ['redis-benchmark', '-p', `${port}`, '-n', '200', '-c', '2', '-t', 'set,lpush', '-q'],
    ],
  },
  {
    name: 'memcached',
    packages: ['memcached', 'libmemcached-tools'],
    tools: ['memcached', 'memccp', 'memccat'],
    serve: (_home, port) => ['memcached', '-l', LOOPBACK, '-p', `${port}`, '-U', '0'],
    clients: (home, port) => {
      const server = `--servers=${LOOPBACK}:${port}`
      const text = file(home, 'text', lines(1000))
      return [
        ['memccp', server, text],
        ['memccat', server, 'text'],
        ['memccp', '--binary', server, text],
        ['memccat', '--binary', server, 'text'],
      ]
    },
  },
  {
    name: 'PostgreSQL',
    packages: ['postgresql'],
    tools: ['psql', 'pg_ctlcluster'],
    signal: 'SIGINT',
    serve: (home, port) => {
      const bin = postgresPrograms()
      const data = ownFolder(home, 'data')
      prepare(`${bin}/initdb`, '-D', data, '-U', 'someone', '-A', 'trust', '--no-sync')
      return [`${bin}/postgres`, '-D', data, '-p', `${port}`, '-h', LOOPBACK, '-k', data, '-F']
    },
    clients: (_home, port) => [
      psql(port, 'select g, md5(g::text) from generate_series(1, 500) g'),
      psql(port, 'create table t (a int, b text); insert into t values (1, $$x$$); select * from t'),
    ],
  },
  {
    name: 'MariaDB',
    packages: ['mariadb-server', 'mariadb-client'],
    tools: ['mariadbd', 'mariadb', 'mariadb-install-db'],
    serve: (home, port) => {
      const data = ownFolder(home, 'data')
      const where = ['--no-defaults', `--datadir=${data}`]
      prepare(
        'mariadb-install-db',
        ...where,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        '--innodb-log-file-size=4M',
      )
      const network = [
        `--bind-address=${LOOPBACK}`,
        `--port=${port}`,
        `--socket=${data}/socket`,
        `--pid-file=${data}/pid`,
      ]
      return ['mariadbd', ...where, ...network, '--skip-name-resolve', '--innodb-log-file-size=4M']
    },
    clients: (_home, port) => [
      mariadb(port, 'select table_name, column_name from information_schema.columns limit 500'),
      mariadb(
        port,
        'create database d; create table d.t (a int, b text); insert into d.t values (1, "x"); select * from d.t',
      ),
    ],
  },
]

/** Debian keeps the programs of each version in a folder of their own, of which the latest is used. */
function postgresPrograms(): string {
  const root = '/usr/lib/postgresql'
  const versions = readdirSync(root)
    .map(Number)
    .sort((a, b) => a - b)
  return join(root, `${versions.at(-1)}`, 'bin')
}

const psql = (port: number, query: string): Command => [
  'psql',
  '-h',
  LOOPBACK,
  '-p',
  `${port}`,
  '-U',
  'someone',
  '-c',
  query,
  'postgres',
]

const mariadb = (port: number, query: string): Command => [
  'mariadb',
  '--no-defaults',
  '--protocol=tcp',
  '-h',
  LOOPBACK,
  '-P',
  `${port}`,
  '-u',
  'root',
  '-e',
  query,
]

const OTHERS: readonly ForeignServer[] = [
  {
    name: 'SSH',
    packages: ['openssh-server', 'openssh-client'],
    tools: ['sshd', 'ssh', 'ssh-keygen'],
    isRoot: true,
    serve: (home, port) => {
      mkdirSync('/run/sshd', { recursive: true })
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(home, 'key')])
      const keys = [
        `HostKey ${home}/key`,
        `AuthorizedKeysFile ${home}/key.pub`,
        'StrictModes no',
        'PermitRootLogin yes',
      ]
      const text = [...keys, `Port ${port}`, `ListenAddress ${LOOPBACK}`, 'UsePAM no', 'PidFile none', ''].join('\n')
      return ['/usr/sbin/sshd', '-D', '-e', '-f', file(home, 'sshd_config', text)]
    },
    clients: (home, port) => {
      const own = ['-F', 'none', '-i', join(home, 'key'), '-o', 'IdentitiesOnly=yes']
      const trust = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'BatchMode=yes']
      return [['ssh', ...own, ...trust, '-p', `${port}`, `root@${LOOPBACK}`, 'seq 5000']]
    },
  },
  {
    name: 'SMTP',
    packages: ['python3-aiosmtpd', 'curl'],
    tools: ['aiosmtpd', 'curl'],
    serve: (_home, port) => ['aiosmtpd', '-n', '-l', `${LOOPBACK}:${port}`],
    clients: (home, port) => {
      const mail = file(home, 'mail', `Subject: x\r\n\r\n${lines(500).replaceAll('\n', '\r\n')}`)
      return [
        curl('--mail-from', 'a@example.org', '--mail-rcpt', 'b@example.org', '-T', mail, `smtp://${LOOPBACK}:${port}`),
      ]
    },
  },
  {
    name: 'DNS over TCP',
    packages: ['dnsmasq-base', 'bind9-dnsutils'],
    tools: ['dnsmasq', 'dig'],
    isRoot: true,
    serve: (home, port) => {
      const quiet = ['--conf-file=/dev/null', '--no-resolv', '--no-hosts', `--pid-file=${home}/pid`, '--user=nobody']
      return [
        'dnsmasq',
        '-k',
        ...quiet,
        `--port=${port}`,
        `--listen-address=${LOOPBACK}`,
        '--bind-interfaces',
        '--address=/test/192.0.2.1',
      ]
    },
    clients: (_home, port) => {
      const names = Array.from({ length: 40 }, (_, at) => `name${at}.test`)
      return [['dig', '+tcp', '+keepopen', '-p', `${port}`, `@${LOOPBACK}`, ...names]]
    },
  },
  {
    name: 'FTP',
    packages: ['python3-pyftpdlib', 'curl'],
    tools: ['pyftpdlib', 'curl'],
    serve: (home, port) => {
      file(home, 'text', lines(1000))
      return ['/usr/bin/python3', '-m', 'pyftpdlib', '-i', LOOPBACK, '-p', `${port}`, '-d', home]
    },
    clients: (_home, port) => [curl(`ftp://${LOOPBACK}:${port}/`), curl(`ftp://${LOOPBACK}:${port}/text`)],
  },
  {
    name: 'rsync',
    packages: ['rsync'],
    tools: ['rsync'],
    serve: (home, port) => {
      file(home, 'text', lines(5000))
      const text = `port = ${port}\naddress = ${LOOPBACK}\nuse chroot = no\npid file = ${home}/pid\n[all]\npath = ${home}\n`
      return ['rsync', '--daemon', '--no-detach', `--config=${file(home, 'rsyncd.conf', text)}`]
    },
    clients: (home, port) => [
      ['rsync', `rsync://${LOOPBACK}:${port}/`],
      ['rsync', `rsync://${LOOPBACK}:${port}/all/text`, join(home, 'copy')],
    ],
  },
  {
    name: 'git',
    packages: ['git'],
    tools: ['git'],
    serve: (home, port) => {
      const all = ownFolder(home, 'all')
      prepare('git', 'init', '-q', '--bare', '-b', 'main', all)
      const body = `data 1\nx\nM 100644 inline text\ndata <<END\n${lines(5000)}END\n`
      const commit = `commit refs/heads/main\ncommitter A <a@example.org> 1 +0000\n${body}\n`
      execFileSync('git', ['--git-dir', all, 'fast-import', '--quiet'], { ...asNobody, stdio: 'pipe', input: commit })
      return [
        'git',
        'daemon',
        '--reuseaddr',
        `--port=${port}`,
        `--listen=${LOOPBACK}`,
        '--export-all',
        `--base-path=${home}`,
        home,
      ]
    },
    clients: (home, port) => [
      ['git', 'ls-remote', `git://${LOOPBACK}:${port}/all`],
      ['git', 'clone', '-q', `git://${LOOPBACK}:${port}/all`, join(home, 'clone')],
    ],
  },
  {
    name: 'LDAP',
    packages: ['slapd', 'ldap-utils'],
    tools: ['slapd', 'ldapsearch', 'ldapadd'],
    serve: (home, port) => {
      const data = ownFolder(home, 'data')
      const schema = ['core', 'cosine'].map(name => `include /etc/ldap/schema/${name}.schema`)
      const paths = ['modulepath /usr/lib/ldap', 'moduleload back_mdb', `pidfile ${data}/pid`]
      const base = ['database mdb', 'suffix dc=test', 'rootdn cn=root,dc=test', 'rootpw secret', `directory ${data}`]
      const text = [...schema, ...paths, ...base, ''].join('\n')
      return ['slapd', '-d', '0', '-f', file(home, 'slapd.conf', text), '-h', `ldap://${LOOPBACK}:${port}`]
    },
    clients: (home, port) => {
      const top = 'dn: dc=test\nobjectClass: domain\ndc: test\n'
      const people = Array.from(
        { length: 40 },
        (_, at) => `dn: cn=p${at},dc=test\nobjectClass: person\ncn: p${at}\nsn: ${at}\n`,
      )
      const entries = file(home, 'entries', [top, ...people].join('\n'))
      const url = ['-x', '-H', `ldap://${LOOPBACK}:${port}`]
      return [
        ['ldapadd', ...url, '-D', 'cn=root,dc=test', '-w', 'secret', '-f', entries],
        ['ldapsearch', ...url, '-b', 'dc=test', '(sn=3*)'],
      ]
    },
  },
]

export const FOREIGN_SERVERS: readonly ForeignServer[] = [...WEB, ...STORES, ...OTHERS]

/** Gives a folder to nobody; everybody may read it. */
export function giveToNobody(home: string): void {
  chownSync(home, NOBODY, NOBODY)
  chmodSync(home, 0o755)
}
