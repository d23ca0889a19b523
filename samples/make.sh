#!/usr/bin/env bash
# Captures the samples of this folder anew: `sudo samples/make.sh [story...]`, all of them without a name.
#
# Needs Linux and root (network namespaces), iproute2, tcpdump, openssl, mosquitto, mosquitto_pub and mosquitto_sub 2.x,
# and `npm ci` done in the project (MQTT.js is the client where mosquitto's tools cannot be steered finely enough).
# Two namespaces joined by a virtual cable are the whole network: a broker at 192.0.2.1 and 2001:db8::1, clients
# at 192.0.2.11 to .14 and 2001:db8::11. All of these addresses are reserved for documentation.
set -euo pipefail
cd "$(dirname "$0")"
BROKER=192.0.2.1
WORK=$(mktemp -d)
broker_pid=0
tcpdump_pid=0

in_clients() { ip netns exec mqtt-clients "$@"; }
pub() { in_clients mosquitto_pub -h $BROKER "$@"; }
sub() { in_clients mosquitto_sub -h $BROKER "$@"; }
js() { in_clients node clients.mjs "$@"; }

network_up() {
  ip netns add mqtt-broker
  ip netns add mqtt-clients
  ip -n mqtt-broker link add name eth0 address 02:00:00:00:00:01 type veth \
    peer name eth0 address 02:00:00:00:00:11 netns mqtt-clients
  for side in mqtt-broker mqtt-clients; do
    ip -n $side link set lo up
    # One segment a frame, as a network card would send it: no offload.
    ip -n $side link set dev eth0 gso_max_segs 1 gso_max_size 1500 up
  done
  ip -n mqtt-broker addr add $BROKER/24 dev eth0
  ip -n mqtt-broker addr add 2001:db8::1/64 dev eth0 nodad
  for last in 11 12 13 14; do ip -n mqtt-clients addr add 192.0.2.$last/24 dev eth0; done
  ip -n mqtt-clients addr add 2001:db8::11/64 dev eth0 nodad
}

network_down() {
  broker_down
  ip netns del mqtt-broker 2>/dev/null || true
  ip netns del mqtt-clients 2>/dev/null || true
  rm -rf "$WORK"
}

broker_up() { # extra lines of configuration as arguments
  printf '%s\n' "listener 1883" "max_topic_alias 10" "${@:-allow_anonymous true}" >"$WORK/broker.conf"
  ip netns exec mqtt-broker mosquitto -c "$WORK/broker.conf" >"$WORK/broker.log" 2>&1 &
  broker_pid=$!
  sleep 0.4
}

broker_down() {
  [ $broker_pid -eq 0 ] || { kill $broker_pid 2>/dev/null && wait $broker_pid || true; }
  broker_pid=0
}

capture_on() {
  # Not by a function: `$!` must be the process itself, not a shell around it.
  ip netns exec mqtt-broker tcpdump -i eth0 -U --immediate-mode -B 16384 --time-stamp-precision=nano -w "$WORK/raw.pcap" tcp port 1883 or tcp port 8083 or tcp port 8883 2>"$WORK/tcpdump.log" &
  tcpdump_pid=$!
  until grep -q 'listening on' "$WORK/tcpdump.log"; do sleep 0.05; done
}

capture_off() {
  sleep 0.5
  kill $tcpdump_pid
  wait $tcpdump_pid || true
}

# ---- the stories; README.md tells them ----

connect() {
  pub -V mqttv31 -A 192.0.2.11 -i doorbell -k 30 -t house/door -m ring
  pub -V mqttv311 -A 192.0.2.12 -i hall-lamp -u hall -P 'not a secret' -t house/hall/lamp -m on \
    --will-topic house/hall/state --will-payload offline --will-qos 1 --will-retain
  pub -V mqttv5 -A 192.0.2.13 -i kitchen-display -x 3600 -D connect receive-maximum 20 -D connect user-property room kitchen \
    -t house/kitchen/display -m hello
}

hops() { # quality of service, version
  sub -V "$2" -A 192.0.2.12 -i wall-display -q "$1" -t greenhouse/# -C 3 >/dev/null &
  sleep 0.3
  printf '%s\n' 21.5 21.7 22.0 | pub -V "$2" -A 192.0.2.11 -i greenhouse-sensor -q "$1" -t greenhouse/temperature -l
  wait $!
}
qos0() { hops 0 mqttv311; }
qos1() { hops 1 mqttv311; }
qos2() { hops 2 mqttv311; }

mqtt5() { js mqtt5; }
subscribe() { js subscribe; }
tour() { js tour; }

sparkplug() { js sparkplug; }

websocket() { # a gateway in front of the broker turns WebSocket into plain MQTT, over its own loopback
  ip netns exec mqtt-broker node clients.mjs gateway &
  local gateway=$!
  sleep 0.7
  js websocket
  kill $gateway
  wait $gateway 2>/dev/null || true
}
malformed() { js malformed; }

secure_broker() { # days that the certificate is still good for
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days "$1" -subj "/O=House/CN=broker.example" \
    -addext "subjectAltName=DNS:broker.example" -keyout "$WORK/key.pem" -out "$WORK/certificate.pem" 2>/dev/null
  chmod 755 "$WORK"; chmod 644 "$WORK/key.pem" "$WORK/certificate.pem"
  broker_down
  broker_up "allow_anonymous true" "listener 8883" "certfile $WORK/certificate.pem" "keyfile $WORK/key.pem"
}

tls() {
  secure_broker 3650
  KEYLOG="$WORK/keys" CA="$WORK/certificate.pem" js tls
}

tls_nokeys() {
  secure_broker 12
  CA="$WORK/certificate.pem" js tlsNoKeys
}

retained() {
  pub -A 192.0.2.11 -i greenhouse-sensor -r -t greenhouse/window -m open
  sub -A 192.0.2.12 -i early-visitor -t greenhouse/# -W 1 >/dev/null || true
  pub -A 192.0.2.11 -i greenhouse-sensor -r -n -t greenhouse/window
  sub -A 192.0.2.13 -i late-visitor -t greenhouse/# -W 1 >/dev/null || true
}

will() {
  sub -A 192.0.2.12 -i watchman -q 1 -t state/# -C 1 >/dev/null &
  local watchman=$!
  sleep 0.3
  for name in polite hasty; do
    sub -A 192.0.2.11 -i $name-pump -t pump/$name --will-topic state/$name-pump --will-payload 'gone without a word' --will-qos 1 >/dev/null &
    sleep 0.3
    # SIGTERM lets it send DISCONNECT; SIGKILL does not.
    if [ $name = polite ]; then kill -TERM "$(child $!)"; else kill -KILL "$(child $!)"; fi
    sleep 0.5
  done
  wait $watchman
}
child() { pgrep -P "$1"; } # `sub ... &` is a shell with the client below it

keepalive() {
  sub -A 192.0.2.11 -i patient -k 5 -t nothing/ever -W 12 >/dev/null &
  sub -A 192.0.2.12 -i sleeper -k 5 -t nothing/ever >/dev/null &
  local sleeper=$!
  sleep 1
  kill -STOP "$(child $sleeper)" # falls silent; the broker waits one and a half times the keep alive
  sleep 11.5
  kill -KILL "$(child $sleeper)"
  sleep 0.2
}

refused() {
  broker_down
  mosquitto_passwd -c -b "$WORK/users" anna correct-horse
  chmod 644 "$WORK/users"; chmod 755 "$WORK"
  broker_up "password_file $WORK/users" "allow_anonymous false"
  local version
  for version in mqttv31 mqttv311 mqttv5; do
    pub -V $version -A 192.0.2.11 -i stranger -t house/door -m let-me-in 2>/dev/null || true
    pub -V $version -A 192.0.2.12 -i anna-phone -u anna -P guess -t house/door -m open 2>/dev/null || true
  done
  pub -A 192.0.2.12 -i anna-phone -u anna -P correct-horse -t house/door -m open
}

ipv6() {
  in_clients mosquitto_sub -h 2001:db8::1 -V mqttv5 -i wall-display -q 1 -t greenhouse/+ -C 2 >/dev/null &
  sleep 0.3
  printf '%s\n' 47 48 | in_clients mosquitto_pub -h 2001:db8::1 -V mqttv5 -i greenhouse-sensor -q 1 -t greenhouse/humidity -l
  wait $!
}

large() {
  seq -f 'line %05g of the log of a day' 1 3600 >"$WORK/log.txt"
  sub -A 192.0.2.12 -i archive -q 1 -t log/# -C 1 >/dev/null &
  sleep 0.3
  pub -A 192.0.2.11 -i logger -q 1 -t log/day -f "$WORK/log.txt"
  wait $!
}

readings() { for n in $(seq "$1" "$2"); do echo "reading $n"; sleep 0.1; done; } # one short message, one segment each

reordered() { { sleep 0.3; readings 1 12; } | pub -A 192.0.2.11 -i meter -t meter/power -l; }

lost() {
  { sleep 0.3; readings 1 6; seq -s ' ' 1 1000; sleep 0.1; readings 7 10; } | pub -A 192.0.2.11 -i meter -t meter/power -l
}

midstream() { # the first message is long, and the capture starts in the middle of it
  { seq -s ' ' 1 2000; sleep 0.3; echo second; sleep 0.2; echo third; sleep 0.2; } |
    pub -V mqttv5 -A 192.0.2.11 -i meter -q 1 -t meter/power -l
}

again() { # the broker dies between PUBLISH and PUBREC; it kept the sessions, and both clients come back to its successor
  local keeps=("allow_anonymous true" "user root" "persistence true" "persistence_location $WORK/" "autosave_on_changes true" "autosave_interval 1")
  broker_down
  broker_up "${keeps[@]}"
  sub -A 192.0.2.12 -i till -c -q 2 -t orders/new -C 2 >/dev/null &
  local till=$!
  sleep 0.3
  { echo 'two coffees'; sleep 1; echo 'one tea'; sleep 4; } |
    pub -A 192.0.2.11 -i waiter -c -q 2 -t orders/new -l &
  local waiter=$!
  sleep 0.7
  kill -STOP $broker_pid
  sleep 0.7
  kill -KILL $broker_pid
  wait $broker_pid 2>/dev/null || true
  broker_up "${keeps[@]}"
  wait $waiter
  wait $till
}

# ---- one story after the other ----

tell() {
  broker_up
  capture_on
  "$1"
  capture_off
  broker_down
  local name=${1//_/-}
  node pcapng.mjs "$WORK/raw.pcap" "$name.pcapng" "$1" "$WORK/keys"
  rm -f "$WORK/keys"
  echo "$name.pcapng $(stat -c %s "$name.pcapng") bytes"
}

STORIES=(tour sparkplug websocket tls tls_nokeys connect qos0 qos1 qos2 again subscribe retained will keepalive refused mqtt5 ipv6 large reordered lost malformed midstream)
trap network_down EXIT
network_up
[ $# -gt 0 ] || set -- "${STORIES[@]}"
for story in "$@"; do tell "$story"; done
