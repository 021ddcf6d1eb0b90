import { describe, expect, test } from "vitest";
import { hostProblems, parseFacts } from "../../../host/preflight/facts";

const text = `os=debian
version=12
init=systemd
docker=installed
groups=deploy docker
free_mb=9000
fullest=/
port80=
port443=nginx
deployments=[]
`;
const facts = parseFacts(text);

describe("hostProblems", () => {
  test("a Debian host with Docker has none", () => {
    expect(hostProblems(facts, "deploy")).toEqual([]);
  });

  test.each([
    [{ os: "alpine" }, "the host runs alpine 12: Debian or Ubuntu is needed; reinstall it with one of them"],
    [
      { init: "dumb-init" },
      "process 1 is dumb-init, not systemd: a container or another init cannot carry the site's units",
    ],
    [{ groups: ["deploy"] }, "deploy is not in the docker group: run `sudo usermod -aG docker deploy` on the host"],
    [
      { free_mb: 100, fullest: "/opt" },
      "100 MB are free on /opt, 2048 are needed: `du -xh /opt | sort -h | tail` shows what takes them",
    ],
    [
      { port80: "apache2" },
      "port 80 is taken by apache2: stop and disable it (systemctl disable --now apache2), nginx needs the port",
    ],
  ])("%o", (wrong, problem) => {
    expect(hostProblems({ ...facts, ...wrong }, "deploy")).toEqual([problem]);
  });

  test("before Docker is there nobody can be in its group", () => {
    expect(hostProblems({ ...facts, docker: "missing", groups: ["deploy"] }, "deploy")).toEqual([]);
  });
});
