#!/usr/bin/env bash
# Carries out the steps of a Dockerfile without a container engine: eng/test-image.sh [DOCKERFILE] [ARG=VALUE ...]. The context is what git knows
# of, without what .dockerignore leaves out; folders of the image lie below a temporary one. What comes out must be a program that starts.
set -euo pipefail
cd "$(dirname "$0")/.."

dockerfile=${1:-src/Projections.Host/Dockerfile}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
declare -A args

for given in "${@:2}"; do args[${given%%=*}]=${given#*=}; done

# The context, as a build would be sent it.
mkdir "$root/context"
git ls-files -z --cached --others --exclude-standard | grep -zv '^tests/' | xargs -0 cp --parents -t "$root/context" 2>/dev/null || true
if grep -qvE '^(\*\*/(bin|obj|artifacts)|\.git|tests|deploy/secrets)$' .dockerignore; then
    echo ".dockerignore leaves out what this script does not know of: mend eng/test-image.sh" >&2
    exit 1
fi

stage= work=
in_stage() { echo "$root/$stage$1"; }
expand() {
    local text=$1 name
    for name in "${!args[@]}"; do
        text=${text//\$\{$name\}/${args[$name]}}
        text=${text//\$$name/${args[$name]}}
    done
    echo "$text"
}

while IFS= read -r line; do
    read -r word rest <<<"$line"
    case $word in
        "" | "#"*) ;;
        ARG) [[ $rest != *=* ]] || args[${rest%%=*}]=${args[${rest%%=*}]:-${rest#*=}} ;;
        FROM) stage=$(awk '{ print ($2 == "AS") ? $3 : "image" }' <<<"$rest"); mkdir -p "$root/$stage"; echo "-- $stage" ;;
        WORKDIR) work=$rest; mkdir -p "$(in_stage "$work")" ;;
        COPY)
            from=$root/context
            if [[ $rest == --from=* ]]; then
                from=$root/$(sed 's/--from=\([^ ]*\) .*/\1/' <<<"$rest")
                rest=${rest#* }
            fi
            read -r source target <<<"$rest"
            [[ $source == /* ]] || source=/$source
            [[ $target == /* ]] || target=$work/$target
            mkdir -p "$(in_stage "$target")"
            cp -R "$from$source/." "$(in_stage "$target")"
            ;;
        RUN)
            echo "   $(expand "$rest")"
            # Absolute folders of the image are those below its root here.
            (cd "$(in_stage "$work")" && bash -euo pipefail -c "$(expand "$rest" | sed "s| /app| $(in_stage /app)|g")") >"$root/log" 2>&1 || { tail -n 40 "$root/log" >&2; exit 1; }
            ;;
        ENTRYPOINT) program=$(sed 's/\["\([^"]*\)".*/\1/' <<<"$rest") ;;
        ENV | USER | EXPOSE | STOPSIGNAL | CMD) ;;
        *) echo "The step '$line' is not understood: mend eng/test-image.sh" >&2; exit 1 ;;
    esac
done <"$dockerfile"

"$(in_stage "$work")/$program" --version
"$(in_stage "$work")/$program" --help >"$root/log"
grep -q rebuild "$root/log"
status=0
(cd "$(in_stage "$work")" && env -u ConnectionStrings__ReadModels "./$program" run) >"$root/log" 2>&1 || status=$?
# It starts, and says what it lacks.
[ "$status" -eq 2 ] && grep -q 'ConnectionStrings__ReadModels' "$root/log" || { cat "$root/log" >&2; exit 1; }
echo "The image's program starts."
