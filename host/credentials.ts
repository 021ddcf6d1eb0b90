/** Formats of credentials, as their issuers publish them. */
const formats: Readonly<Record<string, RegExp>> = {
  "an API key": /\bsk-[a-z]+-[\w-]{10,}/,
  "an OpenAI key": /\bsk-(?:proj-)?[A-Za-z0-9]{32,}/,
  "a GitHub token": /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/,
  "a Backblaze key": /\bK00\d[A-Za-z0-9/+]{27}(?![A-Za-z0-9/+])/,
  "an AWS key": /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  "a token of an error tracker": /\bsntry[su]_[\w=+/-]{20,}/,
  "a Slack token": /\bxox[abeoprs]-[\w-]{10,}/,
  "a Pulumi token": /\bpul-[0-9a-f]{40}\b/,
  "an npm token": /\bnpm_[A-Za-z0-9]{36}\b/,
  "a JSON web token": /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/,
  "a URL with a password": /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@'"`$]+:[^\s/@'"`$]+@[\w.-]+/,
  "a private key": /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/,
};

/** The name of the credential format that the text contains, if any. Never the credential itself. */
export const credentialIn = (text: string): string | undefined =>
  Object.entries(formats).find(([, pattern]) => pattern.test(text))?.[0];

/** Whether a file with this name holds credentials: environment files, keys, logins. */
export const isCredentialFile = (path: string): boolean =>
  /(\.env|\.env\.[^/]+|\.key|\.pem|\.netrc|htpasswd|rclone\.conf|credentials?(\.[^/]+)?|\.docker\/config\.json)$/.test(
    path,
  );
