import { expect, test } from "vitest";
import { HostError } from "../../host/host-error";

const failure = { operation: "write", target: "/etc/a", hint: "run `pulumi up` again" };

test("the message holds operation, target, cause and next step", () => {
  expect(new HostError({ ...failure, cause: "no answer" }).message).toBe(
    "write /etc/a: no answer\n  next: run `pulumi up` again",
  );
});

test("details follow the next step, so that cause and next step are read first", () => {
  expect(new HostError({ ...failure, cause: "no answer", details: "last log lines:\nlistening" }).message).toBe(
    "write /etc/a: no answer\n  next: run `pulumi up` again\nlast log lines:\nlistening",
  );
});

test.each(["cp: error writing '/etc/a': No space left on device", "ENOSPC: write", "tee: Disk quota exceeded"])(
  "%s: the next step is room on the disk",
  (cause) => {
    expect(new HostError({ ...failure, cause }).message).toBe(
      `write /etc/a: ${cause}\n  next: a disk of the server is full: make room on it (\`df -h\` and \`df -i\` on the server show which one), then run \`pulumi up\` again`,
    );
  },
);
