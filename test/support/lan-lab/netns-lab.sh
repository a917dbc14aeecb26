#!/usr/bin/env bash
# netns-lab.sh   N hosts in network namespaces on one bridge that floods multicast: bounded, and always cleaned up.
#
#   netns-lab.sh up   <lab> <n>           create n hosts (1..64): namespaces <lab>-1..n, eth0 10.77.L.i/24 + fd77:L::i/64,
#                                         all attached to a bridge inside its own namespace <lab>-br
#   netns-lab.sh exec <lab> <i> <cmd...>  run a command inside host i
#   netns-lab.sh cut  <lab> <i>           link of host i goes down (carrier loss, as an unplugged cable);  heal  brings it back
#   netns-lab.sh part <lab> <i>           silent partition: frames of host i dropped, the link stays up;   join  ends it
#   netns-lab.sh apart <lab> <i>           host i reaches no other host that is apart, and all that are not;   near  ends it
#   netns-lab.sh addif <lab> <i>          second interface eth1 for host i on a second bridge segment (10.78.L.i/24)
#   netns-lab.sh down <lab>               kill every process inside the lab's namespaces, delete all (idempotent)
#
# <lab> = [a-z][a-z0-9]{0,5}. Nothing is created in the root namespace except the names; no route leads out of the lab.
# Needs root and iproute2.
set -euo pipefail
export PATH=/usr/sbin:/sbin:$PATH
die() { echo "netns-lab: $*" >&2; exit 1; }
cmd=${1:-}; lab=${2:-}
[ -n "$cmd" ] || { sed -n 2,16p "$0"; exit 2; }
[ "$(id -u)" = 0 ] || die "needs root"
command -v ip >/dev/null || die "iproute2 is missing"
[[ "$lab" =~ ^[a-z][a-z0-9]{0,5}$ ]] || die "bad lab name '$lab'"
br=$lab-br
ns() { echo "$lab-$1"; }
idx() { [[ "$1" =~ ^[0-9]+$ ]] && [ "$1" -ge 1 ] && [ "$1" -le 64 ] || die "host index 1..64"; }
octet() { local s=0 c; for ((c=0;c<${#lab};c++)); do s=$(( (s*31 + $(printf '%d' "'${lab:c:1}")) % 250 )); done; echo $((s+1)); }
names() { ip netns list | awk '{print $1}' | grep -E "^$lab-(br|[0-9]+)$" || true; }
down() {
  local n p
  for n in $(names); do
    for p in $(ip netns pids "$n" 2>/dev/null || true); do kill -9 "$p" 2>/dev/null || true; done
  done
  for n in $(names); do ip netns del "$n" 2>/dev/null || true; done
}
case "$cmd" in
up)
  n=${3:-2}; idx "$n"; [ -z "$(names)" ] || die "lab $lab exists; down it first"
  trap 'rc=$?; [ $rc = 0 ] || down' EXIT
  o=$(octet)
  ip netns add "$br"
  ip -n "$br" link set lo up
  ip -n "$br" link add br0 type bridge forward_delay 0 stp_state 0 mcast_snooping 0
  ip -n "$br" link set br0 up
  for i in $(seq 1 "$n"); do
    h=$(ns "$i"); ip netns add "$h"
    ip link add eth0 netns "$h" type veth peer name "p$i" netns "$br"
    ip -n "$br" link set "p$i" master br0 up
    ip netns exec "$h" sysctl -qw net.ipv6.conf.eth0.accept_dad=0 net.ipv6.conf.default.accept_dad=0 2>/dev/null || true
    ip -n "$h" link set lo up; ip -n "$h" link set lo multicast on
    ip -n "$h" addr add "10.77.$o.$i/24" dev eth0
    ip -n "$h" addr add "fd77:$o::$i/64" dev eth0 nodad
    ip -n "$h" link set eth0 up
    ip -n "$h" route add 224.0.0.0/4 dev eth0
  done
  echo "$lab: $n hosts 10.77.$o.1-$n" ;;
exec) idx "$3"; i=$3; shift 3; exec ip netns exec "$(ns "$i")" "$@" ;;
cut)  idx "$3"; ip -n "$br" link set "p$3" down ;;
heal) idx "$3"; ip -n "$br" link set "p$3" up ;;
part) idx "$3"; ip -n "$br" link set "p$3" nomaster ;;
join) idx "$3"; ip -n "$br" link set "p$3" master br0 ;;
apart) idx "$3"; ip -n "$br" link set "p$3" type bridge_slave isolated on ;;
near) idx "$3"; ip -n "$br" link set "p$3" type bridge_slave isolated off ;;
addif) idx "$3"; i=$3; o=$(octet)
  ip -n "$br" link show br1 >/dev/null 2>&1 || { ip -n "$br" link add br1 type bridge forward_delay 0 mcast_snooping 0; ip -n "$br" link set br1 up; }
  ip link add eth1 netns "$(ns "$i")" type veth peer name "q$i" netns "$br"
  ip -n "$br" link set "q$i" master br1 up
  ip -n "$(ns "$i")" addr add "10.78.$o.$i/24" dev eth1; ip -n "$(ns "$i")" link set eth1 up ;;
down) down ;;
*) sed -n 2,16p "$0"; exit 2 ;;
esac
