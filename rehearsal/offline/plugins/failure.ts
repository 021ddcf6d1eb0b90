import { Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { HalfCreated } from "./plugin";
import { encode } from "./wire";

/** The engine's form of an error: its message, and the state of a half-created resource. */
export function toServiceError(error: unknown): ServiceError {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new Metadata();
  if (error instanceof HalfCreated) metadata.add("grpc-status-details-bin", Buffer.from(halfCreatedStatus(error)));
  return { name: "ServiceError", message, code: status.UNKNOWN, details: message, metadata };
}

/** gRPC for Node has no error details: they travel as a serialized status under a name of gRPC's own. */
function halfCreatedStatus(error: HalfCreated): Uint8Array {
  const failed = new ErrorResourceInitFailed();
  failed.setId(error.id);
  failed.setProperties(encode(error.state));
  failed.setReasonsList([error.message]);
  const details = new Any();
  details.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const answer = new Status();
  answer.setCode(status.UNKNOWN);
  answer.setMessage(error.message);
  answer.addDetails(details);
  return answer.serializeBinary();
}
