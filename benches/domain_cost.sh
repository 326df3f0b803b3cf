#!/usr/bin/env bash
# What each domain crate costs to build: CPU seconds (user and system) of rustc alone in a release build, without the network.
#
#     benches/domain_cost.sh [limit]
#
# With a limit it fails where a crate costs more. What the crates depend on is built without transport and TLS, which they don't need.
set -euo pipefail

limit=${1:-}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset RUSTFLAGS

cat >"$work/rustc" <<'WRAPPER'
#!/usr/bin/env bash
rustc=$1
shift
crate=none
for ((at = 1; at < $#; at++)); do
    next=$((at + 1))
    [[ ${!at} == --crate-name ]] && crate=${!next}
done
if [[ $crate == ecloud_* ]]; then
    TIMEFORMAT="$crate %U %S"
    { time "$rustc" "$@" 2>&3; } 3>&2 2>>"$ECLOUD_TIMES"
else
    exec "$rustc" "$@"
fi
WRAPPER
chmod +x "$work/rustc"

ECLOUD_TIMES="$work/times" RUSTC_WRAPPER="$work/rustc" CARGO_TARGET_DIR="$work/target" \
    cargo build --manifest-path "$root/Cargo.toml" --quiet --release --offline -j2 \
    -p ecloud-product -p ecloud-trade -p ecloud-logistics --no-default-features

printf '%-18s %6s %6s\n' crate "CPU s" calls
status=0
for domain in product trade logistics; do
    spent=$(awk -v crate="ecloud_$domain" '$1 == crate { sum += $2 + $3 } END { printf "%.1f", sum }' "$work/times")
    calls=$(grep -h '^impl Operation for ' "$root/ecloud-$domain/src/"*.rs | wc -l)
    printf '%-18s %6s %6s\n' "ecloud-$domain" "$spent" "$calls"
    if [[ -n $limit ]] && ! awk -v spent="$spent" -v limit="$limit" 'BEGIN { exit !(spent > 0 && spent <= limit) }'; then
        echo "ecloud-$domain costs $spent CPU seconds to build, of $limit that it may" >&2
        status=1
    fi
done
exit $status
