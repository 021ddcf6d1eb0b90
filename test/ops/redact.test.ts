import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Redactor, configurationSecrets, environmentSecrets, stateSecrets } from "../../ops/redact";

/** A text that arrives in these pieces, as a reader sees it. */
function throughPieces(redactor: Redactor, pieces: readonly string[]): string {
  let pending = "";
  let shown = "";
  for (const piece of pieces) {
    const next = redactor.next(pending, piece);
    shown += next.text;
    pending = next.pending;
  }
  return shown + redactor.whole(pending);
}

/** The text in pieces that end at these places. */
function cut(text: string, places: readonly number[]): string[] {
  const ends = [...new Set(places.map((place) => place % (text.length + 1)))].sort((left, right) => left - right);
  return [...ends, text.length].map((end, index) => text.slice(ends[index - 1] ?? 0, end));
}

describe("Redactor", () => {
  test("replaces a secret that arrives in two pieces", () => {
    expect(throughPieces(new Redactor(["hunter2hunter2"]), ["password: hunter2", "hunter2 is set"])).toBe(
      "password: [secret] is set",
    );
  });

  test("shows at once what cannot become a secret", () => {
    expect(new Redactor(["hunter2"]).next("", "updating...\nhun")).toEqual({ text: "updating...\n", pending: "hun" });
  });

  test("of two secrets that begin alike, replaces the longer one as a whole", () => {
    expect(throughPieces(new Redactor(["abcd", "abcdef"]), ["x abcd", "ef abcd y"])).toBe("x [secret] [secret] y");
  });

  test("a secret can hold the special characters of a regular expression", () => {
    expect(new Redactor(["a.b*(c)$1"]).whole("is a.b*(c)$1, not aXb")).toBe("is [secret], not aXb");
  });

  test("without secrets a text stays", () => {
    expect(new Redactor([]).next("", "text")).toEqual({ text: "text", pending: "" });
  });

  test("the places where pieces end do not matter", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 6 });
    const words = fc.array(word, { minLength: 1, maxLength: 4 });
    const places = fc.array(fc.nat(), { maxLength: 6 });
    const text = fc.array(word, { maxLength: 12 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(words, text, places, (secrets, whole, ends) => {
        const redactor = new Redactor(secrets);
        expect(throughPieces(redactor, cut(whole, ends))).toBe(redactor.whole(whole));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("environmentSecrets", () => {
  const redact = (environment: NodeJS.ProcessEnv, text: string): string =>
    new Redactor(environmentSecrets(environment)).whole(text);

  test("are the values of the variables whose name says so, and each line of a key", () => {
    const key = "-----BEGIN KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END KEY-----";
    const environment = { GITHUB_TOKEN: "ghp_123456789", DEPLOY_SSH_KEY: key, IMAGE_TAG: "abcdefgh" };
    expect(redact(environment, "a ghp_123456789 b3BlbnNzaC1rZXktdjEAAAAA abcdefgh")).toBe(
      "a [secret] [secret] abcdefgh",
    );
  });

  test("are not the id of a key, the path of a file, or a value that is too short to be one", () => {
    const environment = {
      B2_APPLICATION_KEY_ID: "0051234567",
      PULUMI_CONFIG_PASSPHRASE_FILE: "/home/me/pass",
      USE_TOKEN: "true",
    };
    expect(redact(environment, "0051234567 /home/me/pass true")).toBe("0051234567 /home/me/pass true");
  });

  test("are recognized in the forms in which a log shows them", () => {
    const environment = { APP_PASSWORD: 'pässwörd "quoted" word' };
    expect(redact(environment, String.raw`a pässwörd \"quoted\" word`)).toBe("a [secret]");
    expect(redact(environment, 'p\uFFFD\uFFFDssw\uFFFDrd "quoted" word')).not.toContain("quoted");
  });
});

describe("configurationSecrets", () => {
  test("are the values that are secret, also inside of an object", () => {
    const configuration = {
      "p:plain": { value: "plain", secret: false },
      "p:token": { value: "s3cr", secret: true },
      "p:nested": { value: JSON.stringify({ mode: "file", list: ["a-longer-secret-0"] }), secret: true },
    };
    expect(new Redactor(configurationSecrets(configuration)).whole("plain file s3cr a-longer-secret-0")).toBe(
      "plain file [secret] [secret]",
    );
  });
});

describe("stateSecrets", () => {
  const secret = (value: unknown) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    plaintext: JSON.stringify(value),
  });

  test("are the secrets of all resources, and not the plain values beside them", () => {
    const content = "NEXTAUTH_SECRET='generated-secret-0'";
    const state = {
      resources: [
        { outputs: { result: secret("generated-secret-0"), length: 43, name: "session-key" } },
        { inputs: { entries: secret({ "/a.env": { kind: "file", mode: "0400", content } }) } },
      ],
    };
    const text = `session-key file 0400 generated-secret-0 ${content}`;
    expect(new Redactor(stateSecrets(state)).whole(text)).toBe("session-key file 0400 [secret] [secret]");
  });

  test("a stack without resources has none", () => {
    expect(stateSecrets(null)).toEqual([]);
  });
});
