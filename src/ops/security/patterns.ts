/** A text that nobody should find in a repository. */
export interface SecretPattern {
  readonly id: string;
  readonly what: string;
  /** Global; its match is the secret, or names it. */
  readonly pattern: RegExp;
}

/** Forms by which secrets are known. What has no form of its own, e.g. a bare 32-byte key, is only found beside a word for it. */
export const SECRET_PATTERNS: readonly SecretPattern[] = [
  {
    id: "pem",
    what: "a private key in PEM",
    pattern: /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----(?:\s|\\n)*[A-Za-z0-9+/=]{20,}/g,
  },
  { id: "age", what: "an age identity", pattern: /\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b/g },
  { id: "aleo", what: "an Aleo private key", pattern: /\bAPrivateKey1[1-9A-HJ-NP-Za-km-z]{47}\b/g },
  {
    id: "evm",
    what: "a private key in hex",
    pattern: /(?:private|secret)[_ -]?key["']?\s{0,3}[:=]\s{0,3}["']?(?:0x)?[0-9a-f]{64}\b/gi,
  },
  {
    id: "proofx",
    what: "an API key of a log",
    pattern: /\bpx_[a-z0-9]{1,10}_[a-z0-9]{12}_[A-Za-z0-9_-]{43}(?![\w-])/g,
  },
  { id: "aws", what: "an AWS access key", pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  { id: "vault", what: "a Vault token", pattern: /\bhv[sb]\.[\w-]{24,}/g },
  { id: "github", what: "a GitHub token", pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{60,})\b/g },
  { id: "npm", what: "an npm token", pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { id: "google", what: "a Google API key", pattern: /\bAIza[0-9A-Za-z_-]{35}\b/g },
  { id: "slack", what: "a Slack token", pattern: /\bxox[abeprs]-[0-9A-Za-z-]{20,}/g },
  {
    id: "slack-webhook",
    what: "a Slack webhook",
    pattern: /hooks\.slack\.com\/services\/T[A-Z0-9]{6,}\/B[A-Z0-9]{6,}\/[A-Za-z0-9]{20,}/g,
  },
  {
    id: "discord-webhook",
    what: "a Discord webhook",
    pattern: /discord(?:app)?\.com\/api\/webhooks\/\d{15,}\/[\w-]{50,}/g,
  },
  { id: "telegram", what: "a Telegram bot's token", pattern: /\b\d{8,10}:AA[\w-]{33}\b/g },
  { id: "jwt", what: "a JWT", pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/g },
  {
    id: "url-password",
    what: "an URL with a password for another machine",
    pattern:
      /\b[a-z][a-z0-9+.-]{2,}:\/\/[^\s:@/"'`<>{}$()]+:[^\s:@/"'`<>{}$()]{4,}@(?!127\.|localhost\b|host\b|[\w.-]*\bexample\b)[\w.-]+/gi,
  },
];
