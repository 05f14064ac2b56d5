/**
 * What runs on machines, by the shell of any Linux. Each line of an answer begins with "metis ": what a login prints besides
 * is not taken for one.
 * @module
 */

const PATHS = 'PATH="$PATH:/usr/sbin:/sbin"';

/** Whether the engine answers: one that hangs takes a connection and never does. */
const ASK = "timeout 10 docker info >/dev/null 2>&1";

/** Changes nothing. Argument: the network interface by which the others reach the machine, or nothing. */
export const PROBE = `${PATHS}
say() { printf 'metis %s=%s\\n' "$1" "$2"; }
interface=$1
say host "$(uname -n)"
root=
if [ "$(id -u)" = 0 ]; then say root user
elif sudo -n true 2>/dev/null; then say root sudo; root='sudo -n'
fi
if [ -n "$interface" ]; then
  say address "$(ip -o addr show dev "$interface" scope global 2>/dev/null |
    sed -n 's/.* inet6* \\([0-9a-fA-F.:]*\\).*/\\1/p' | head -n 1)"
else
  set -- $SSH_CONNECTION
  say address "$3"
fi
if command -v dockerd >/dev/null && command -v docker >/dev/null; then say engine installed; fi
if $root ${ASK}; then say engine answers; fi
case " $(id -un) $(id -Gn) " in *' root '*|*' docker '*) say engine open ;; esac
if command -v apt-get >/dev/null; then say packages apt; fi`;

/** Installs Debian's or Ubuntu's engine. As root. */
export const INSTALL = `${PATHS}
export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -o DPkg::Lock::Timeout=300 -qq "$@" >&2; }
# A foreign source that is broken need not stop it: installing then says what is missing.
apt update
apt install -y --no-install-recommends docker.io || exit 1
# Where the client is a package of its own, the engine can do without it; we cannot.
command -v docker >/dev/null || apt install -y --no-install-recommends docker-cli`;

/**
 * Starts the engine, now and with the machine, and waits until it answers; packages that an interruption left unpacked are
 * set up before. As root.
 */
export const START = `${PATHS}
if command -v dpkg >/dev/null && [ -n "$(dpkg --audit)" ]; then
  DEBIAN_FRONTEND=noninteractive dpkg --force-confdef --force-confold --configure -a >&2
fi
if [ -d /run/systemd/system ]; then systemctl enable --now docker >&2 || exit 1
elif command -v service >/dev/null; then service docker start >&2 || exit 1
else rc-update add docker && rc-service docker start || exit 1
fi
end=$(($(date +%s) + 60))
until ${ASK}; do
  if [ "$(date +%s)" -gt "$end" ]; then
    echo "the engine was started and does not answer in a minute: see its log there" >&2
    exit 1
  fi
  sleep 1
done`;
