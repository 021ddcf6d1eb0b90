import { run } from "./run";

const SECONDS = 60;

/** The standard output of `docker <words>`, trimmed. */
export const docker = async (words: readonly string[], seconds: number = SECONDS): Promise<string> =>
  (await run(["docker", ...words], { seconds })).trim();

/** Whether the engine has an image of that name. */
export const hasImage = (image: string): Promise<boolean> =>
  docker(["image", "inspect", "--format", "{{.Id}}", image]).then(
    () => true,
    () => false,
  );

export type ContainerState = "missing" | "stopped" | "running";

/** What `docker ps --all --format {{.State}}` says, in the words that matter here. */
export function parseContainerState(state: string): ContainerState {
  if (state === "") return "missing";
  return state === "running" ? "running" : "stopped";
}

export const containerState = async (container: string): Promise<ContainerState> =>
  parseContainerState(await docker(["ps", "--all", "--filter", `name=^/?${container}$`, "--format", "{{.State}}"]));
