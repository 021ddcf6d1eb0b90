/** Port on which nginx answers the nginx of the other servers, at the private address. */
export const peerPort = 8090;

/** The place of a server in a cluster. */
export interface ClusterPlace {
  /** Its own private address. */
  readonly privateAddress: string;
  /** Private addresses of the other servers. */
  readonly peers: readonly string[];
}

const at = (address: string): string => `${address}:${peerPort}`;

/** Where nginx finds the active release of its own server: a link that is there only while the task accepts connections. */
export const taskSocket = (app: string): string => `/run/${app}-task/current.sock`;

/** After this time nginx asks the release on its own server again, if it failed. Without it a single failure takes 10 s. */
const failTimeout = "fail_timeout=2s";

/**
 * Values for the site's template: after the release on this server, the other servers. nginx asks them if it cannot connect to
 * the release, and for a failed request that is no POST. It never sends a POST twice.
 */
export const peerUpstreams = (app: string, place: ClusterPlace | undefined) =>
  place === undefined
    ? { ownSocket: `/var/lib/${app}/current.sock`, ownOptions: "", backups: "" }
    : {
        ownSocket: taskSocket(app),
        ownOptions: ` ${failTimeout}`,
        backups: place.peers.map((address) => `    server ${at(address)} backup ${failTimeout};\n`).join(""),
      };

/** A challenge that another server has: each server gets its own certificate, and the authority asks any of them. */
const askPeers = "try_files $uri @challenge-of-a-peer;";

const challengeLocation = [
  "location @challenge-of-a-peer {",
  "    proxy_connect_timeout 2s;",
  "    proxy_next_upstream error timeout http_404;",
  "    proxy_pass http://vps-peers;",
  "}",
];

/** Values for a location of ACME challenges, and for the location after it. */
export function challengeValues(place: ClusterPlace | undefined, indent: string) {
  if (place === undefined || place.peers.length === 0) return { challenge: "", challengeOfPeer: "" };
  return {
    challenge: `\n${indent}    ${askPeers}`,
    challengeOfPeer: challengeLocation.map((line) => `\n${indent}${line}`).join(""),
  };
}

/** Values for a server block that answers the other servers. */
export const listenValues = ({ privateAddress, peers }: ClusterPlace) => ({
  listen: at(privateAddress),
  allow: peers.map((address) => `    allow ${address};\n`).join(""),
});

/** An upstream needs a server. Without peers nothing asks this one; the site of an earlier update may still name the upstream. */
const noPeer = "    server 127.0.0.1:1 down;\n";

/** The other servers, as lines of an upstream. */
export const peerServers = ({ peers }: ClusterPlace): string =>
  peers.length === 0 ? noPeer : peers.map((address) => `    server ${at(address)};\n`).join("");
