import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { Secret, unknown, isList, isProperties, mapProperties, type Properties, type Value } from "./value";

/** Stands for any value not yet known (`runtime.unknownValue` of the SDK, which costs 0.3 s to load; a test compares). */
export const unknownSentinel = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** The key that marks an envelope (`runtime.specialSigKey`). */
export const signatureKey = "4dabf18193072939515e22adb298388d";
/** Envelope of a secret (`runtime.specialSecretSig`). */
export const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
/** Envelope of an output: its value may be missing (unknown), and it may be secret (`runtime.specialOutputValueSig`). */
export const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

type Json = ReturnType<Struct["toJavaScript"]>[string];

/** Properties as they came over the wire, with envelopes opened into Secret and unknown. */
export const decode = (struct: Struct | undefined): Properties =>
  struct === undefined ? {} : mapProperties(struct.toJavaScript(), decodeValue);

/** Properties ready for the wire. An `undefined` property is left out, because the wire format has no such value. */
export function encode(properties: Properties): Struct {
  const json = mapProperties(properties, encodeValue);
  return Struct.fromJavaScript(json as unknown as Record<string, Json>);
}

function decodeValue(value: Value): Value {
  if (value === unknownSentinel) return unknown;
  if (isList(value)) return value.map(decodeValue);
  if (!isProperties(value)) return value;
  if (value[signatureKey] === secretSignature) return new Secret(decodeValue(value["value"] ?? null));
  if (value[signatureKey] === outputSignature) return decodeOutput(value);
  return mapProperties(value, decodeValue);
}

function decodeOutput(envelope: Properties): Value {
  const value = envelope["value"];
  const known = value === undefined ? unknown : decodeValue(value);
  return envelope["secret"] === true ? new Secret(known) : known;
}

function encodeValue(value: Value): Value {
  if (value === unknown) return unknownSentinel;
  if (value instanceof Secret) return { [signatureKey]: secretSignature, value: encodeValue(value.value) };
  if (isList(value)) return value.map(encodeValue);
  return isProperties(value) ? mapProperties(value, encodeValue) : value;
}
