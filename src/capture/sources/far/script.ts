/**
 * What the shell of another machine is given. The scripts are one line each and hold no single quote, no backslash and
 * no value: values come as arguments, so none of them is ever read as a script.
 */

/**
 * Returns `text` as one word for the login shell of another machine, which may be sh, bash, zsh, fish or csh. Quotes,
 * backslashes and exclamation marks are outside the single quotes: fish and csh read them inside, too.
 */
export const quoted = (text: string): string => `'${text.replace(/['\\!]/g, sign => `'\\${sign}'`)}'`

/**
 * The first script on a host that ssh logs in to. Arguments: the second script, the words that give more rights, then
 * the arguments of the second script without the first. It reads `$SSH_CONNECTION`, which sudo removes, and keeps the
 * login out of the capture: each frame that is sent here would make the next. A zone (`fe80::1%eth0`) is cut off:
 * libpcap knows none.
 */
export const LOGIN_SCRIPT = [
  'b=$1 s=$2; shift 2',
  `x="not port 22" a=\${SSH_CONNECTION%% *} q=\${SSH_CONNECTION#* }`,
  `q=\${q%% *} a=\${a%%%*}`,
  'case $a/$q in /*|*/|*[!0-9a-fA-F:./]*|*/*[!0-9]*) ;; *) x="not (host $a and port $q)";; esac',
  'exec $s sh -c "$b" sh "$x" "$@"',
].join('; ')

/** Seconds after which a capture program that ignores SIGTERM gets SIGKILL. */
const GRACE_SECONDS = 10

/** The last line that is sent to the script: end now. */
export const END = 'q\n'
/** Any other line: begin, or go on. */
export const GO = '\n'

/** Lines of the script on stderr. */
export const SAYS = { none: 'mqtt-sniff: none', runs: 'mqtt-sniff: runs ' } as const

/** In a folder without files that dumpcap would take for the interface. Waits for a line, so that no byte is written before somebody is there to read it (`kubectl debug` attaches late). */
const BEGIN = [
  'b=$7; if [ -n "$b" ]; then (echo | read -r -t 1 g) 2>/dev/null || b=; fi',
  `read -r \${b:+-t $b} g || exit 0`,
  'set -f; PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin LC_ALL=C; export PATH LC_ALL; cd /',
]

/** A filter may name VLAN tags on Ethernet alone (ARPHRD_ETHER and ARPHRD_LOOPBACK of linux/if_arp.h). */
const CHOOSE_FILTER = [
  'x=$1 f=$2 i=$6 t=; { read -r t </sys/class/net/$i/type; } 2>/dev/null; case $t in 1|772) f=$3;; esac',
  'if [ -n "$x" ]; then if [ -n "$f" ]; then f="$x and ($f)"; else f=$x; fi; fi',
]

/** The first program that opens the interface; if none does, the first that is there says why. */
const CHOOSE_PROGRAM = [
  `c=; for w in "$4" "$5"; do p=\${w%% *}; [ -n "$p" ] && command -v "$p" >/dev/null 2>&1 || continue; c=\${c:-$w}; if "$p" -L -i "$i" </dev/null >/dev/null 2>&1; then c=$w; break; fi; done`,
  `[ -n "$c" ] || { echo "${SAYS.none}" >&2; exit 127; }`,
  `p=\${c%% *}; echo "${SAYS.runs}$p" >&2`,
  'if [ -z "$f" ]; then set -- $c; elif [ "$p" = dumpcap ]; then set -- $c -f "$f"; else set -- $c -- "$f"; fi',
]

/** The program runs beside a watcher that ends it when stdin ends: on a silent line it would not notice by itself. */
const RUN = [
  'exec 3<&0',
  `"$@" </dev/null 3<&- & t=$!; (while read -r \${b:+-t $b} g && [ "$g" != q ]; do :; done <&3; kill $t; kill -CONT $t; sleep ${GRACE_SECONDS} & s=$!; trap "kill $s; exit" TERM; wait $s; kill -9 $t) >/dev/null 2>&1 & k=$!; wait $t; r=$?; kill $k 2>/dev/null; exit $r`,
]

/**
 * The script that captures. Arguments: what is to be left out (empty: nothing), the capture filter, the same for
 * Ethernet, the words of one or two capture programs, the interface, and the seconds of silence on stdin after which it
 * ends (empty: none).
 */
export const CAPTURE_SCRIPT = [...BEGIN, ...CHOOSE_FILTER, ...CHOOSE_PROGRAM, ...RUN].join('; ')
