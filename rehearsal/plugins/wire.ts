import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { Secret, UNKNOWN, isList, isProperties, mapProperties, type Properties, type Value } from "./value";

/** Stands for any value not yet known (`runtime.unknownValue` of the SDK, which costs 0.3 s to load; a test compares). */
export const UNKNOWN_SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** The key that marks an envelope (`runtime.specialSigKey`). */
export const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
/** Envelope of a secret (`runtime.specialSecretSig`). */
export const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
/** Envelope of an output: its value may be missing (unknown), and it may be secret (`runtime.specialOutputValueSig`). */
export const OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

type Json = ReturnType<Struct["toJavaScript"]>[string];

/** Properties as they came over the wire, with envelopes opened into Secret and UNKNOWN. */
export function decode(struct: Struct | undefined): Properties {
  return struct === undefined ? {} : mapProperties(struct.toJavaScript(), decodeValue);
}

/** Properties ready for the wire. What is `undefined` is left out: the wire format has no such thing. */
export function encode(properties: Properties): Struct {
  const json = mapProperties(properties, encodeValue);
  return Struct.fromJavaScript(json as unknown as Record<string, Json>);
}

function decodeValue(value: Value): Value {
  if (value === UNKNOWN_SENTINEL) return UNKNOWN;
  if (isList(value)) return value.map(decodeValue);
  if (!isProperties(value)) return value;
  if (value[SIGNATURE_KEY] === SECRET_SIGNATURE) return new Secret(decodeValue(value["value"] ?? null));
  if (value[SIGNATURE_KEY] === OUTPUT_SIGNATURE) return decodeOutput(value);
  return mapProperties(value, decodeValue);
}

function decodeOutput(envelope: Properties): Value {
  const value = envelope["value"];
  const known = value === undefined ? UNKNOWN : decodeValue(value);
  return envelope["secret"] === true ? new Secret(known) : known;
}

function encodeValue(value: Value): Value {
  if (value === UNKNOWN) return UNKNOWN_SENTINEL;
  if (value instanceof Secret) return { [SIGNATURE_KEY]: SECRET_SIGNATURE, value: encodeValue(value.value) };
  if (isList(value)) return value.map(encodeValue);
  return isProperties(value) ? mapProperties(value, encodeValue) : value;
}
