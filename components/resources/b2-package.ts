const version = "0.13.0";

/**
 * The Terraform provider of Backblaze B2 as a Pulumi package: the plugin `terraform-provider` with a parameter. The engine
 * installs the plugin. Tokens, names and this description are those of `pulumi package add terraform-provider Backblaze/b2`.
 */
export const b2Package = {
  baseProviderName: "terraform-provider",
  baseProviderVersion: "1.1.3",
  baseProviderDownloadUrl: "",
  packageName: "b2",
  packageVersion: version,
  base64Parameter: Buffer.from(
    JSON.stringify({ remote: { url: "registry.opentofu.org/backblaze/b2", version } }),
  ).toString("base64"),
};
