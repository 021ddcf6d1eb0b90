/** An archive with a version of rclone, and its checksum. */
export interface RcloneRelease {
  readonly url: string;
  /** Lower-case hexadecimal digits. */
  readonly sha256: string;
}

const version = "1.75.1";

const release = (processor: string, sha256: string): RcloneRelease => ({
  url: `https://downloads.rclone.org/v${version}/rclone-v${version}-linux-${processor}.zip`,
  sha256,
});

/** rclone's own archives, by Debian's name of the processor. The checksums are from its signed file SHA256SUMS. */
export const rcloneReleases = {
  amd64: release("amd64", "982b5aa772841168f8e380f139e9e787b2a105403e32b94da8676a0e1c0a13ab"),
  arm64: release("arm64", "03f2504174034b6d004152ed7369251c9a9ec1f7e0836eda420f5c7a5ec0dff9"),
} as const;
