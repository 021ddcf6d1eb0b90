import sodium from "libsodium-wrappers";

/** A text that only who holds the private key can open, as GitHub wants its secrets: base64 of a libsodium sealed box. */
export async function sealed(text: string, publicKey: string): Promise<string> {
  await sodium.ready;
  const { ORIGINAL } = sodium.base64_variants;
  return sodium.to_base64(sodium.crypto_box_seal(text, sodium.from_base64(publicKey, ORIGINAL)), ORIGINAL);
}
