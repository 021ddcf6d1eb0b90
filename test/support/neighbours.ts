import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { docker } from "../../rehearsal/world/docker";
import { serviceContainer } from "../../rehearsal/world/services";
import { vpsContainer } from "../../rehearsal/world/vps";
import type { World } from "../../rehearsal/world/world";

const execute = promisify(execFile);

/** The services of others on the server that `rehearsal/world/hosts/used.sh` makes: arguments of curl from outside, and the answer. */
function neighboursOf({ name }: World): Readonly<Record<string, { curl: readonly string[]; answer: string }>> {
  const vps = vpsContainer(name);
  const site = (host: string): string[] => ["--header", `Host: ${host}`, `http://${vps}/`];
  return {
    "site in conf.d": { curl: site("shop.test"), answer: "the shop" },
    "site in sites-enabled": { curl: site("blog.test"), answer: "the blog" },
    "site with a certificate": {
      curl: ["--insecure", "--connect-to", `::${vps}:443`, "https://blog.test/"],
      answer: "the blog",
    },
    container: { curl: [`http://${vps}:8080/`], answer: "the shop in a container" },
    service: { curl: [`http://${vps}:9000/`], answer: "the game" },
  };
}

/** Asks each service in turn until the file /tmp/stop exists. Prints a line for each wrong answer, then the number of rounds. */
const ask = `
rm -f /tmp/stop
rounds=0
until [ -e /tmp/stop ]; do
  while IFS="\t" read -r name answer arguments; do
    eval "set -- $arguments"
    found=$(curl --silent --show-error --max-time 5 "$@" 2>&1) || true
    [ "$found" = "$answer" ] || echo "$name: $found"
  done <<END
$services
END
  rounds=$((rounds + 1))
  sleep 0.3
done
echo "rounds $rounds"`;

/** The wrong answers of the neighbours while the work ran, and how often each was asked. */
export interface Watched {
  readonly wrong: readonly string[];
  readonly rounds: number;
}

/** Asks the neighbours from another machine of the world, again and again, until the work is done. */
export async function watchNeighbours(world: World, work: () => Promise<unknown>): Promise<Watched> {
  const container = serviceContainer(world.name, "acme");
  const services = Object.entries(neighboursOf(world))
    .map(([name, { curl, answer }]) => [name, answer, curl.map((word) => `'${word}'`).join(" ")].join("\t"))
    .join("\n");
  await docker(["exec", container, "rm", "-f", "/tmp/stop"]);
  const asked = execute("docker", ["exec", "--env", `services=${services}`, container, "bash", "-c", ask]);
  try {
    await work();
  } finally {
    await docker(["exec", container, "touch", "/tmp/stop"]);
  }
  const lines = (await asked).stdout.trim().split("\n");
  return { wrong: lines.slice(0, -1), rounds: Number(lines.at(-1)?.replace("rounds ", "")) };
}
