#!/usr/bin/env bash
# Whether the kernel has the rules of the file, no more and no less. The file is loaded once more, into a network namespace
# that has nothing else, because the kernel tells rules in words of its own.
set -euo pipefail
list() { nft --stateless list table inet vps; }
export -f list
cmp --quiet <(list) <(unshare --net bash -c 'nft --file /etc/nftables.d/vps.nft && list')
