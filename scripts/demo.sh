# Functions of ./quire-demo and ./shop-demo, which source this file in the folder of the clone.

# Sets `port` to the first argument of a demo, or to the default. Prints the usage for --help, and ends the demo with 64
# for anything else that is no port number, with 74 if a program listens at the port already.
# usage: take_port DEFAULT [ARGUMENT…]
take_port() {
    local usage name="${0##*/}"
    usage="$(sed -n 's/^# usage: //p' "$name")"
    case "${2:-}" in -h | --help) echo "usage: $usage"; exit 0 ;; esac
    port="${2:-$1}"
    if [ $# -gt 2 ] || ! [[ "$port" =~ ^[1-9][0-9]{0,4}$ ]] || [ "$port" -gt 65535 ]; then
        echo "usage: $usage, where PORT is a number up to 65535" >&2
        exit 64
    fi
    need_free "$port"
}

# Ends the demo with 74 if a program listens at a port.
need_free() {
    if (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
        local other=$((port + 100 < 65535 ? port + 100 : port - 100))
        echo "port $1 is in use: give another, such as ./${0##*/} $other" >&2
        exit 74
    fi
}

# Builds products and sets `bin` to their folder; prints a line a minute.
# usage: build PRODUCT…
build() {
    local started=$SECONDS log product ticker
    log="$(mktemp)"
    echo "Building (the first time takes some minutes)"
    report_progress "$log" &
    ticker=$!
    for product in "$@"; do
        if ! swift build -c release --product "$product" >"$log" 2>&1; then
            kill "$ticker"
            grep -E 'error' "$log" >&2 || tail -20 "$log" >&2
            echo "The build failed; its whole output is in $log" >&2
            exit 1
        fi
    done
    kill "$ticker"
    rm -f "$log"
    bin="$(swift build -c release --show-bin-path)"
    echo "Built in $(((SECONDS - started) / 60)) min $(((SECONDS - started) % 60)) s"
}

# Prints each minute how far a build is, by its log, for as long as the demo is alive.
report_progress() {
    local second
    for ((second = 1; ; second++)); do
        sleep 1
        kill -0 $$ 2>/dev/null || return 0
        ((second % 60)) || echo "$((second / 60)) min: $(grep -oE '^\[[0-9]+/[0-9]+\]|^Fetching .*' "$1" | tail -n 1)"
    done
}
