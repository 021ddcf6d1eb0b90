import sodium from "libsodium-wrappers";
import type { Account } from "./account";
import { invalid } from "./refusal";

/** The key pair of a repository. */
export async function newKeys(): Promise<Account["keys"]> {
  await sodium.ready;
  const pair = sodium.crypto_box_keypair();
  return {
    id: "568250167242549743",
    publicKey: sodium.to_base64(pair.publicKey, sodium.base64_variants.ORIGINAL),
    privateKey: sodium.to_base64(pair.privateKey, sodium.base64_variants.ORIGINAL),
  };
}

/** The plain text of a sealed box. @throws Refusal for a box of another key. */
export function opened(keys: Account["keys"], sealed: string): string {
  try {
    const bytes = (text: string) => sodium.from_base64(text, sodium.base64_variants.ORIGINAL);
    return sodium.crypto_box_seal_open(bytes(sealed), bytes(keys.publicKey), bytes(keys.privateKey), "text");
  } catch {
    throw invalid("Bad request - encrypted_value is not sealed with the repository's public key");
  }
}
