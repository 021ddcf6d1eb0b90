import type { Inventory } from "../inventory";
import { problem, type Problem } from "./problem";

const publishes = (ports: string, port: number): boolean => new RegExp(`:${port}->`).test(ports);

/** Processes that answer ports 80 and 443 today, and the containers behind Docker's. */
export const portProblems = ({ listener, container }: Inventory): Problem[] =>
  [80, 443].flatMap((port) => {
    const [behind] = container.filter(({ state, ports }) => state === "running" && publishes(ports, port));
    if (behind !== undefined) {
      return problem(
        `port ${port} belongs to the container ${behind.name} (${behind.image})`,
        `move it: publish another port of it, or docker stop ${behind.name}`,
      );
    }
    const owner = listener.find(
      (one) => one.protocol === "tcp" && one.port === port && !one.address.startsWith("127."),
    );
    if (owner === undefined || owner.process === "nginx") return [];
    return problem(
      `port ${port} belongs to ${owner.process || "an unknown process"}`,
      `systemctl disable --now ${owner.process || "<its unit>"}`,
    );
  });
