import { rootDirectory, rootfs } from "../rootfs";
import { reloadSystemd, running, unitSyntax, type FileSetSpec } from "./file-set-spec";
import { sandbox } from "./sandbox";

/** On a server of a cluster: opens and closes the way from nginx to the task of the active release (`taskSocket`). */
export function clusterTaskSet(app: string): FileSetSpec {
  const entries = {
    [`/usr/local/lib/${app}`]: rootDirectory,
    ...rootfs("cluster-task", { app, sandbox }),
  };
  return {
    entries,
    units: { [`${app}-task.service`]: running },
    validate: [unitSyntax(entries)],
    activate: [reloadSystemd],
  };
}
