#!/usr/bin/env bash
# What an application pays to build: CPU seconds (user and system) of `cargo build --release` from nothing, two jobs, without the network.
#
#     benches/build_cost.sh [rounds]
#
# The applications are empty, so what is measured is their dependencies. They are built in a directory of their own, in the versions of this
# workspace's Cargo.lock, and downloaded beforehand.
set -euo pipefail

rounds=${1:-1}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset CARGO_TARGET_DIR RUSTFLAGS

names=(no-tls rustls-ring ecloud reqwest-default)
declare -A told=(
    [no-tls]="reqwest without TLS"
    [rustls-ring]="reqwest, rustls on ring, the system's certificates"
    [ecloud]="ecloud, default features"
    [reqwest-default]="reqwest, default features"
)
declare -A dependencies=(
    [no-tls]='reqwest = { version = "0.13", default-features = false }'
    [rustls-ring]='reqwest = { version = "0.13", default-features = false, features = ["rustls-no-provider"] }
rustls = { version = "0.23", default-features = false, features = ["std", "tls12", "ring"] }
rustls-platform-verifier = "0.7"'
    [ecloud]="ecloud = { path = \"$root\" }"
    [reqwest-default]='reqwest = "0.13"'
)

for name in "${names[@]}"; do
    mkdir -p "$work/$name/src"
    echo 'fn main() {}' >"$work/$name/src/main.rs"
    cp "$root/Cargo.lock" "$work/$name/Cargo.lock"
    printf '[package]\nname = "app"\nversion = "0.0.0"\nedition = "2024"\n\n[dependencies]\n%s\n\n[workspace]\n' \
        "${dependencies[$name]}" >"$work/$name/Cargo.toml"
    (cd "$work/$name" && cargo fetch --quiet)
done

# Prints the CPU seconds of one build from nothing.
build() {
    local TIMEFORMAT='%U %S' spent
    rm -rf "$work/$1/target"
    spent=$({ time (cd "$work/$1" && cargo build --release --offline --quiet -j2 >/dev/null 2>"$work/said"); } 2>&1) || {
        cat "$work/said" >&2
        return 1
    }
    awk '{ printf "%.1f\n", $1 + $2 }' <<<"$spent"
}

declare -A seconds=()
for ((round = 1; round <= rounds; round++)); do
    for name in "${names[@]}"; do
        seconds[$name]+="$(build "$name") "
    done
done

median() { tr ' ' '\n' <<<"$1" | sed '/^$/d' | sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

printf '%-52s %8s %6s %7s\n' "an empty application on" "CPU s" "crates" "ratio"
full=$(median "${seconds[reqwest-default]}")
for name in "${names[@]}"; do
    spent=$(median "${seconds[$name]}")
    crates=$(cd "$work/$name" && cargo tree --offline --edges normal,build --prefix none --no-dedupe | sort -u | wc -l)
    printf '%-52s %8s %6s %7s\n' "${told[$name]}" "$spent" "$((crates - 1))" "$(awk -v a="$spent" -v b="$full" 'BEGIN { printf "%.2f", a / b }')"
done
