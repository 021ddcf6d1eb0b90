import type { Body } from "../http-core/exchange";

/** A message that the emulator accepted. */
export type Received =
  | { readonly kind: "http"; readonly path: string; readonly authorization: string; readonly body: Body }
  | {
      readonly kind: "mail";
      readonly login: string;
      readonly from: string;
      readonly to: readonly string[];
      readonly text: string;
    };
