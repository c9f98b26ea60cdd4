# Sourced by the other scripts: installs Debian packages that are missing.

# need_packages NAME... : makes sure that these packages are installed; without the rights to do so it says what to install and fails.
need_packages() {
    local missing=() name
    for name in "$@"; do
        dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] && return 0

    local sudo=()
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
            sudo=(sudo -n)
        else
            printf 'Missing Debian packages: %s\nInstall them, or run this as root: apt-get install %s\n' "${missing[*]}" "${missing[*]}" >&2
            return 1
        fi
    fi

    printf 'Installing %s ...\n' "${missing[*]}"
    # The tests start PostgreSQL servers of their own; a system-wide one would only be in the way.
    if printf '%s\n' "${missing[@]}" | grep -q '^postgresql' && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        "${sudo[@]}" mkdir -p /etc/postgresql-common
        printf 'create_main_cluster = false\n' | "${sudo[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    local log
    log=$(mktemp)
    if ! { "${sudo[@]}" apt-get update -qq &&
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            -o Dpkg::Options::=--force-confold "${missing[@]}"; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        printf 'Installing %s failed; see above.\n' "${missing[*]}" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

# need_dotnet : makes sure that the .NET SDK is there.
need_dotnet() {
    if ! command -v dotnet >/dev/null 2>&1; then
        printf 'The .NET SDK 10 is needed and "dotnet" is not on the PATH. See https://dot.net/download\n' >&2
        return 1
    fi
}
