/** The data of each app of an earlier version of this program, which had no setting for it. */
export const earlierLayout = [{ path: "/app/data", kind: "lancedb", subdirectory: "lancedb" }] as const;
