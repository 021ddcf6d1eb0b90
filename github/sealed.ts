import sodium from "libsodium-wrappers";

/** The text encrypted for GitHub's public key: base64 of a libsodium sealed box. Only the private key can decrypt it. */
export async function sealed(text: string, publicKey: string): Promise<string> {
  await sodium.ready;
  const { ORIGINAL } = sodium.base64_variants;
  return sodium.to_base64(sodium.crypto_box_seal(text, sodium.from_base64(publicKey, ORIGINAL)), ORIGINAL);
}
