export { ApplicationKey, ApplicationKeyArgs, ApplicationKeyState } from "./applicationKey";
export { Bucket, BucketArgs, BucketState } from "./bucket";
export { Provider, ProviderArgs } from "./provider";

import * as types from "./types";
export { types };
