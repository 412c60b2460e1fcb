#!/bin/sh
# Installs the system packages that Care needs on Debian 12; quick when they are there. Swift itself is not installed.
#
#   Scripts/setup.sh            to build and run (make run, the image's build stage)
#   Scripts/setup.sh --test     to test too: RabbitMQ, nginx, Python and a virtual environment in .build-venv
#   Scripts/setup.sh --runtime  to run a built program (the image's last stage)
#
# Prints one line. Uses sudo only if not root; where it may not, it prints the command to type and ends with 1.
set -eu
cd "$(dirname "$0")/.."

mode=${1:---build}
runtime="ca-certificates libcurl4 libsqlite3-0 tzdata zlib1g"
build="$runtime binutils git libc6-dev libcurl4-openssl-dev libncurses6 libsqlite3-dev libstdc++-12-dev libxml2 make zlib1g-dev"
test="$build chromium curl exim4-daemon-light|exim4-daemon-heavy fonts-noto-cjk microsocks mosquitto mosquitto-clients nginx-light|nginx openssl procps python3 python3-venv rabbitmq-server redis-server tinyproxy wrk"
case $mode in
    --runtime) packages=$runtime ;;
    --build) packages=$build ;;
    --test) packages=$test ;;
    *) echo "Scripts/setup.sh: no option '$mode'; there are --test and --runtime" >&2; exit 64 ;;
esac

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "packages   not a Debian system: please see to these yourself: $packages"
    exit 0
fi

# Which of the packages are missing; of a|b any one will do, and a is installed when there is none.
missing=
for choice in $packages; do
    found=no
    for name in $(echo "$choice" | tr '|' ' '); do
        case "$(dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null)" in ii*) found=yes ;; esac
    done
    [ $found = yes ] || missing="$missing ${choice%%|*}"
done
missing=${missing# }

mkdir -p .build
log=.build/setup.log
: >"$log"
fail() {
    tail -n 30 "$log" >&2
    echo "$1" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

if [ -n "$missing" ]; then
    command="apt-get update && apt-get install -y --no-install-recommends $missing"
    if [ "$(id -u)" != 0 ]; then
        # Without a terminal sudo cannot ask for a password.
        if ! command -v sudo >/dev/null 2>&1 || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
            echo "Packages are missing and this user may not install them. As root, type:" >&2
            echo "  $command" >&2
            exit 1
        fi
        echo "Installing with sudo: $missing" >&2
    fi
    # Debian starts the services of what it installs; the tests start their own, on ports of their own.
    policy=/usr/sbin/policy-rc.d
    if [ "$mode" = --test ] && [ ! -e $policy ]; then
        trap 'as_root rm -f $policy' EXIT
        as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy"
    fi
    as_root apt-get update >>"$log" 2>&1 || fail "apt-get update failed; nothing was installed."
    # shellcheck disable=SC2086  # one word per package
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >>"$log" 2>&1 ||
        fail "apt-get could not install: $missing"
    # shellcheck disable=SC2086
    set -- $missing
    summary="installed $# ($missing)"
else
    summary="present"
fi

if [ "$mode" = --test ] && ! cmp -s Scripts/requirements-test.txt .build-venv/installed.txt; then
    rm -rf .build-venv
    /usr/bin/python3 -m venv .build-venv >>"$log" 2>&1 || fail "python3 -m venv failed."
    # The system's certificates, not pip's own: they know a company's certificate authority too.
    PIP_CERT=${PIP_CERT:-/etc/ssl/certs/ca-certificates.crt} \
        .build-venv/bin/pip install --disable-pip-version-check --quiet -r Scripts/requirements-test.txt >>"$log" 2>&1 ||
        fail "pip could not install what Scripts/requirements-test.txt names."
    for one in $(sed -n 's/^# beside: //p' Scripts/requirements-test.txt); do
        PIP_CERT=${PIP_CERT:-/etc/ssl/certs/ca-certificates.crt} \
            .build-venv/bin/pip install --disable-pip-version-check --quiet --target ".build-venv/beside/$one" "$one" \
            >>"$log" 2>&1 || fail "pip could not install $one."
    done
    cp Scripts/requirements-test.txt .build-venv/installed.txt
    summary="$summary, Python libraries installed in .build-venv"
fi
echo "packages   $summary"
