import { run } from "./run";

const defaultSeconds = 60;

/** The standard output of `docker <words>`, trimmed. */
export const docker = async (words: readonly string[], seconds: number = defaultSeconds): Promise<string> =>
  (await run(["docker", ...words], { seconds })).trim();

/** Whether the engine has an image of that name. */
export const hasImage = (image: string): Promise<boolean> =>
  docker(["image", "inspect", "--format", "{{.Id}}", image]).then(
    () => true,
    () => false,
  );

/** `cut off`: it runs, but on no network. */
export type ContainerState = "missing" | "stopped" | "cut off" | "running";

/** Reads `<state>|<networks>` from `docker ps`. The text is empty when the container does not exist. */
export function parseContainerState(line: string): ContainerState {
  const [state = "", networks = ""] = line.split("|");
  if (state === "") return "missing";
  if (state !== "running") return "stopped";
  return networks === "" ? "cut off" : "running";
}

export async function containerState(container: string): Promise<ContainerState> {
  const filter = ["--filter", `name=^/?${container}$`, "--format", "{{.State}}|{{.Networks}}"];
  return parseContainerState(await docker(["ps", "--all", ...filter]));
}
