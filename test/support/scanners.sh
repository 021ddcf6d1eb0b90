#!/bin/sh
# Puts the scanners of TLS and of ssh into FOLDER, as FOLDER/testssl and FOLDER/ssh-audit.   scanners.sh FOLDER
# testssl.sh is Debian 13's: that of Debian 12 gives no grade. ssh-audit is its authors' own: Debian's knows older policies.
set -eu
folder=$1
suite=trixie
policies=3.9.0
if [ -e "$folder/complete" ]; then exit; fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "the scanners are installed as root on Debian only: run this test there" >&2
  exit 1
fi

rm -rf "$folder"
mkdir -p "$folder/lists/partial" "$folder/archives/partial"
cd "$folder"
apt-get -qq update
DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
  bsdextrautils bind9-dnsutils openssl procps python3-pip >&2
# shellcheck disable=SC2016
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | sed -n 1p)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >sources.list
set -- -o Dir::Etc::sourcelist="$PWD/sources.list" -o Dir::Etc::sourceparts=- \
  -o Dir::State::lists="$PWD/lists" -o Dir::Cache="$PWD" -o APT::Sandbox::User=root
apt-get -qq "$@" update
apt-get -qq "$@" download testssl.sh
dpkg-deb --extract testssl.sh_*.deb debian
/usr/bin/python3 -m pip install --quiet --no-deps --target python "ssh-audit==$policies"

printf '#!/bin/sh\nTESTSSL_INSTALL_DIR=%s exec bash %s "$@"\n' "$PWD/debian/etc/testssl" "$PWD/debian/usr/bin/testssl" >testssl
printf '#!/bin/sh\nPYTHONPATH=%s exec /usr/bin/python3 -m ssh_audit "$@"\n' "$PWD/python" >ssh-audit
chmod +x testssl ssh-audit
touch complete
