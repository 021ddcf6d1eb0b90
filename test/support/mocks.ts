// Replaces the engine in component tests: it creates every resource as requested. The tests in test/integration use the real engine.
import * as pulumi from "@pulumi/pulumi";
import { getMonitor } from "@pulumi/pulumi/runtime/settings";

/** A resource as a component registered it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Values that a plugin generates or computes, by type. */
const drawn: Readonly<Record<string, object>> = {
  "random:index/randomId:RandomId": { hex: "0a0b0c0d" },
  "docker:index/container:Container": { name: "memoryloop-1a2b3c4" },
  "random:index/randomPassword:RandomPassword": { result: "session" },
  "command:remote:Command": { stdout: "1.22.1\n" },
  "vps:index:Certificate": { ocspResponder: "http://ocsp.example.com" },
};

/** The SDK's mock of the engine has no resource hooks (3.250). The real engine runs them in test/integration. */
export function acceptHooks(): void {
  const registerResourceHook = (_: unknown, done: (error: null) => void): void => {
    done(null);
  };
  Object.assign(getMonitor() ?? {}, { registerResourceHook });
}

/** Starts to record registrations. Call it before components are imported. */
export function recordRegistrations(): Registered[] {
  const registered: Registered[] = [];
  void pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id }) => {
        registered.push({ type, name, inputs: inputs as Record<string, unknown> });
        return { id: id ?? `${name}-id`, state: { ...(inputs as object), ...drawn[type] } };
      },
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    "memoryloop-infra",
    "test",
  );
  acceptHooks();
  return registered;
}

/** The plain value of an output, once it is known. */
export const promiseOf = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => output.apply(resolve));

/** The first registered resource of a type. @throws Error when it is missing. */
export function registeredOf(registered: readonly Registered[], type: string): Registered {
  const found = registered.find((resource) => resource.type === type);
  if (found) return found;
  throw new Error(`no ${type} among ${registered.map((resource) => resource.type).join(", ")}`);
}
