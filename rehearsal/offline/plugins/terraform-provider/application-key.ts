import { items, text, texts, type Properties } from "../value";
import type { NativeResource } from "./native-resource";

const sorted = (values: readonly string[]): string[] => [...values].sort();

function stateOf(key: Properties, secret: string): Properties {
  const id = text(key, "applicationKeyId");
  const bucketIds = texts(key, "bucketIds");
  return {
    applicationKey: secret,
    applicationKeyId: id,
    b2ApplicationKeyId: id,
    bucketId: bucketIds.length === 1 ? bucketIds[0] : "",
    bucketIds,
    capabilities: sorted(texts(key, "capabilities")),
    expirationTimestamp: key["expirationTimestamp"] ?? 0,
    keyName: text(key, "keyName"),
    namePrefix: text(key, "namePrefix"),
    options: texts(key, "options"),
    validDurationInSeconds: 0,
  };
}

/** `b2:index/applicationKey:ApplicationKey`. B2 tells the key itself once, when it is made: the state keeps it. */
export const applicationKey: NativeResource = {
  replaces: ["keyName", "capabilities", "bucketIds", "namePrefix", "validDurationInSeconds"],
  computedByCreate: ["applicationKey", "applicationKeyId"],
  computedByUpdate: [],
  secrets: ["applicationKey"],
  // A set has no order: whatever the program's, it counts as one.
  checked: (inputs) =>
    inputs["capabilities"] === undefined ? inputs : { ...inputs, capabilities: sorted(texts(inputs, "capabilities")) },
  async create(account, inputs) {
    const made = await account.call("b2_create_key", {
      accountId: account.id,
      capabilities: texts(inputs, "capabilities"),
      keyName: text(inputs, "keyName"),
      validDurationInSeconds: inputs["validDurationInSeconds"] ?? null,
      bucketIds: inputs["bucketIds"] ?? null,
      namePrefix: inputs["namePrefix"] ?? null,
    });
    return { id: text(made, "applicationKeyId"), state: stateOf(made, text(made, "applicationKey")) };
  },
  async read(account, id, state) {
    const answer = await account.call("b2_list_keys", {
      accountId: account.id,
      maxKeyCount: 1000,
      startApplicationKeyId: id,
    });
    const found = items(answer, "keys").find((key) => key["applicationKeyId"] === id);
    return found && stateOf(found, text(state, "applicationKey"));
  },
  update: () => Promise.reject(new Error("b2: a key cannot be changed, only replaced")),
  async delete(account, id) {
    await account.call("b2_delete_key", { applicationKeyId: id });
  },
};
