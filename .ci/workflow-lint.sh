#!/bin/sh
# Checks the workflows: actionlint (which has shellcheck look at every run step) and zizmor with its pedantic persona.
# Both are kept in the cache that all checkouts share.
set -eu
cd "$(dirname "$0")/.."
actionlint_version=1.7.12
zizmor_version=1.32.0
tools="${XDG_CACHE_HOME:-$HOME/.cache}/memoryloop-infra/workflow-lint-$actionlint_version-$zizmor_version"
if [ ! -e "$tools/complete" ]; then
  mkdir -p "$tools"
  GOBIN="$tools" go install "github.com/rhysd/actionlint/cmd/actionlint@v$actionlint_version" >&2
  python3 -m venv "$tools/venv" >&2
  "$tools/venv/bin/pip" install --quiet --disable-pip-version-check "zizmor==$zizmor_version" >&2
  touch "$tools/complete"
fi
command -v shellcheck >/dev/null || {
  echo "shellcheck is not installed: run sh .ci/shellcheck.sh" >&2
  exit 1
}
# The app's workflows are checked where they will lie: a called workflow is looked up there.
app=$(mktemp -d)
trap 'rm -rf "$app"' EXIT
mkdir -p "$app/.github" "$app/.git"
cp -R github/workflows "$app/.github/workflows"
# The placeholders are filled with harmless values, as the program fills them.
sed -i 's/{{branch}}/main/g; s/{{checksWorkflow}}/ci.yml/g; s/{{[a-zA-Z]*}}/example/g' "$app"/.github/workflows/*.yml
"$tools/actionlint"
(cd "$app" && "$tools/actionlint")
"$tools/venv/bin/zizmor" --offline --persona pedantic --quiet .github
"$tools/venv/bin/zizmor" --offline --persona pedantic --quiet "$app"
