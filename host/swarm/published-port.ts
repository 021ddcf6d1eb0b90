const first = 20_000;
const count = 10_000;

/**
 * The port of a release on each server of a cluster, from its id. The range is below the ports of outgoing connections. Two
 * releases that run side by side have the same port once in ten thousand deployments: Swarm then starts no task, and the
 * rollout fails before the switch.
 */
export const publishedPort = (release: string): number => first + (parseInt(release.slice(0, 8), 16) % count);
