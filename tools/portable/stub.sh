#!/bin/sh
# Metis as one file: this script, and behind it a compressed archive with Deno and the program.
# The first start unpacks into a cache, whole or not at all; later ones start from there.
version=@VERSION@ digest=@DIGEST@ offset=@OFFSET@
PATH=${PATH:-/usr/local/bin:/usr/bin:/bin}

fail() {
  printf 'metis: %s\n' "$1" >&2
  exit 1
}

self=$0
[ -f "$self" ] || self=$(command -v "$0") || fail "Cannot find the file $0: call it by its path"

payload() { tail -c "+$offset" "$self"; }

check_payload() {
  if command -v sha256sum >/dev/null; then hash="sha256sum"
  elif command -v shasum >/dev/null; then hash="shasum -a 256"
  elif command -v openssl >/dev/null; then hash="openssl dgst -sha256 -r"
  else fail "Cannot check the file: install sha256sum, shasum or openssl"
  fi
  found=$(payload | $hash | cut -c 1-64)
  [ "$found" = "$digest" ] || fail "$self is damaged: get it again"
}

# Unpacks to $1, unless another process is faster. Fails where files cannot be written or run there.
unpack() {
  parent=${1%/*}
  (umask 077 && mkdir -p "$parent") 2>/dev/null || return 1
  fresh=$(mktemp -d "$parent/.fresh.XXXXXX" 2>/dev/null) || return 1
  trap 'rm -rf "$fresh"' EXIT
  trap 'exit 130' HUP INT TERM
  check_payload
  payload | gzip -dc | (cd "$fresh" && tar -xof -) || return 1
  # Renaming a folder onto another fails, which no command of every system does: so Deno itself renames.
  METIS_FROM=$fresh METIS_TO=$1 DENO_DIR="$fresh/deno-cache" DENO_NO_UPDATE_CHECK=1 \
    "$fresh/deno" eval --no-config 'Deno.renameSync(Deno.env.get("METIS_FROM"), Deno.env.get("METIS_TO"))' \
    2>/dev/null || [ -x "$1/deno" ] || return 1
  rm -rf "$fresh"
  trap - EXIT HUP INT TERM
  # What a start left that was ended by force.
  find "$parent" -maxdepth 1 -name '.fresh.*' -mtime +1 -exec rm -rf {} + 2>/dev/null
  return 0
}

own_temporary() {
  folder=${TMPDIR:-/tmp}/metis-$(id -u)
  mkdir -m 700 "$folder" 2>/dev/null
  # Somebody else's folder of this name could hold anything.
  [ -d "$folder" ] && [ ! -L "$folder" ] && [ -O "$folder" ] && printf '%s' "$folder"
}

# Fails where another user could have put something there: a folder of ours that only we can write to is safe.
check_own() {
  for folder in "$1" "$1/$version-$digest"; do
    [ -e "$folder" ] || [ -L "$folder" ] || continue
    if [ -L "$folder" ] || [ ! -O "$folder" ] ||
      [ -n "$(find "$folder" -prune \( -perm -020 -o -perm -002 \))" ]; then
      fail "$folder is not ours alone: remove it, or chmod go-w it"
    fi
  done
}

start() {
  home=$1
  shift
  export DENO_DIR="$home/deno-cache" DENO_NO_UPDATE_CHECK=1 METIS_PORTABLE=1
  exec "$home/deno" run --quiet --config "$home/deno.json" --no-lock --no-check --no-remote --no-prompt \
    @PERMISSIONS@ "$home/@ENTRY@" "$@"
}

# Starts from below the folder $1, or returns where that cannot be.
try() {
  case $1 in
    /*) place=$1/metis/$version-$digest ;;
    *) return ;;
  esac
  check_own "$1/metis"
  shift
  if [ -x "$place/deno" ] || unpack "$place"; then start "$place" "$@"; fi
  [ -z "${fresh:-}" ] || rm -rf "$fresh"
}

try "${XDG_CACHE_HOME:-}" "$@"
try "${HOME:+$HOME/.cache}" "$@"
try "$(own_temporary)" "$@"
fail "Cannot unpack anywhere: set XDG_CACHE_HOME to a folder that can be written to and run from"
