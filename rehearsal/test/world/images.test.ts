import { describe, expect, test } from "vitest";
import { aptConfiguration, aptSources, imageName } from "../../world/images";

describe("imageName", () => {
  test("the same sources give the same name, and each kind its own", () => {
    expect(imageName("vps")).toMatch(/^memoryloop-rehearsal-vps:[0-9a-f]{12}$/);
    expect(imageName("vps")).toBe(imageName("vps"));
    expect(imageName("vps-fresh-12")).toMatch(/^memoryloop-rehearsal-vps-fresh-12:[0-9a-f]{12}$/);
    expect(imageName("vps-fresh-13")).toMatch(/^memoryloop-rehearsal-vps-fresh-13:[0-9a-f]{12}$/);
    expect(imageName("services")).toMatch(/^memoryloop-rehearsal-services:[0-9a-f]{12}$/);
  });
});

describe("aptSources", () => {
  test("keeps Debian's own mirrors of the suite, each once", () => {
    const targets = [
      "Debian|http://mirror.test/debian/|bookworm|bookworm|main",
      "Debian|http://mirror.test/debian/|bookworm|bookworm|main",
      "Debian|http://mirror.test/security/|bookworm-security|bookworm-security|main",
      "Docker|https://vendor.test/debian/|bookworm|bookworm|stable",
      "Debian|http://mirror.test/debian/|trixie|trixie|main",
      "",
    ];
    expect(aptSources(targets.join("\n"), "bookworm")).toBe(
      "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.test/debian/ bookworm main\n" +
        "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.test/security/ bookworm-security main\n",
    );
  });

  test("is empty on a host without Debian's indexes", () => {
    expect(aptSources("", "trixie")).toBe("");
  });
});

describe("aptConfiguration", () => {
  test("keeps how the host reaches its mirrors, not what it runs after an install", () => {
    const dump = [
      'APT::Architecture "amd64";',
      'Acquire::http::Proxy "http://proxy.test:3128";',
      'Acquire::Check-Valid-Until "false";',
      'DPkg::Post-Invoke:: "rm -f /var/cache/apt/archives/*.deb";',
    ];
    expect(aptConfiguration(dump.join("\n"))).toBe(
      'Acquire::http::Proxy "http://proxy.test:3128";\nAcquire::Check-Valid-Until "false";\n' +
        'Dir::Etc::sourcelist "/build/apt/sources.list";\nDir::Etc::sourceparts "-";\n',
    );
  });
});
