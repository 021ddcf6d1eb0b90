import { describe, expect, test } from "vitest";
import { domainName } from "../../host/domain-name";

const refusal = (text: string): string | undefined => domainName.safeParse(text).error?.issues[0]?.message;

describe("domainName", () => {
  test.each([
    ["shop.example.com", "shop.example.com"],
    ["Shop.Example.COM", "shop.example.com"],
    ["shop.example.com.", "shop.example.com"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["BÜCHER.example.", "xn--bcher-kva.example"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
  ])("brings %s into the form of certificates", (text, name) => {
    expect(domainName.parse(text)).toBe(name);
  });

  test.each([
    [
      "*.example.com",
      "a wildcard, whose certificate needs a challenge by DNS; the program does not make it. List each name in app.domains",
    ],
    ["https://shop.example.com", "an address; give the name alone, such as shop.example.com"],
    ["shop.example.com/path", "an address; give the name alone, such as shop.example.com"],
    ["shop.example.com:8443", "a name with a port; the site is always at 443. Give the name alone"],
    ["203.0.113.7", "an IP address; a certificate needs a name, such as shop.example.com"],
    ["2001:db8::1", "an IP address; a certificate needs a name, such as shop.example.com"],
    ["1.2.3", "an IP address; a certificate needs a name, such as shop.example.com"],
    ["shop", "not a domain name"],
    ["", "not a domain name"],
    ["my_shop.example.com", "not a domain name"],
    ["-shop.example.com", "not a domain name"],
    ["shop..example.com", "not a domain name"],
    ["shop example.com", "not a domain name"],
    [`${"a".repeat(64)}.example.com`, "not a domain name"],
  ])("refuses %s by name", (text, reason) => {
    expect(refusal(text)).toBe(`"${text}" is ${reason}`);
  });
});
