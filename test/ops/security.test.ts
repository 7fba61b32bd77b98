import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { InputError } from "../../src/core/errors.ts";
import {
  ANSWERS_FILE,
  isCompatible,
  judgeSecrets,
  readAnswers,
  SECRET_PATTERNS,
  secretsIn,
  secretsInHistory,
  secretsInTree,
} from "../../src/ops/security/index.ts";

const many = (text: string, count: number): string => text.repeat(count);

/** One of each kind, put together here so that this file holds none. */
const SAMPLES: Readonly<Record<string, string>> = {
  pem: `-----BEGIN EC ${"PRIVATE"} KEY-----\n${many("MHcCAQEE", 4)}`,
  age: `AGE-SECRET-${"KEY"}-1${many("Q", 58)}`,
  aleo: `APrivate${"Key1"}${many("z", 47)}`,
  evm: `private_${"key"} = "0x${many("ab", 32)}"`,
  proofx: `px_${"live"}_${many("a", 12)}_${many("B", 43)}`,
  aws: `AK${"IA"}${many("A1", 8)}`,
  vault: `hv${"s."}${many("aB", 14)}`,
  github: `gh${"p_"}${many("a1", 18)}`,
  npm: `np${"m_"}${many("a1", 18)}`,
  google: `AI${"za"}${many("a", 35)}`,
  slack: `xo${"xb"}-${many("1", 24)}`,
  "slack-webhook": `https://hooks.slack.com/${"services"}/T0000000/B0000000/${many("x", 24)}`,
  "discord-webhook": `https://discord.com/api/${"webhooks"}/${many("1", 18)}/${many("x", 60)}`,
  telegram: `123456789${":"}AA${many("h", 33)}`,
  jwt: `ey${"J"}${many("a", 12)}.eyJ${many("b", 12)}.${many("c", 24)}`,
  "url-password": `postgres${"://"}proofx:correct-horse@db.internal/log`,
};

describe("proofx security scan", () => {
  const root = mkdtempSync(join(tmpdir(), "proofx-scan-"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", root, "-c", "user.name=t", "-c", "user.email=t@t", ...args], {
      stdio: "pipe",
    });
  const put = (name: string, text: string) => writeFileSync(join(root, name), text);
  before(() => git("init", "-q"));
  after(() => rmSync(root, { recursive: true }));

  it("knows one of each kind, whatever is around it", () => {
    expect(Object.keys(SAMPLES)).to.have.members(SECRET_PATTERNS.map(({ id }) => id));
    for (const [id, sample] of Object.entries(SAMPLES))
      expect(
        secretsIn(`say "${sample}" twice`).map(({ pattern }) => pattern),
        id,
      ).to.include(id);
  });

  it("takes addresses of this machine, hashes and prose for none", () => {
    const harmless = [
      `postgres://me:secret-password@127.0.0.1:9/none`,
      `state root 0x${many("ab", 32)}`,
      "the private key never comes out",
      `-----BEGIN ${"PUBLIC"} KEY-----\n${many("MHcCAQEE", 4)}`,
    ];
    for (const text of harmless) expect(secretsIn(text), text).to.deep.equal([]);
  });

  it("finds what is in the tree by its line, and in the history after it was removed, and never shows it", async () => {
    put("a.txt", `first\n${SAMPLES.pem}\n`);
    put(".gitignore", "ignored\n");
    put("ignored", SAMPLES.aws ?? "");
    git("add", "-A");
    git("commit", "-qm", "one");
    put("a.txt", `first\n`);
    put("new.txt", `${SAMPLES.github}\n`);
    git("commit", "-qam", "two");
    const tree = await secretsInTree(root);
    expect(tree.map(({ place, pattern }) => `${place} ${pattern}`)).to.deep.equal(["new.txt:1 github"]);
    const { commits, found } = await secretsInHistory(root);
    expect(commits).to.equal(2);
    expect(found.map(({ pattern }) => pattern)).to.deep.equal(["pem"]);
    expect(found[0]?.place).to.match(/^[0-9a-f]{12} a\.txt$/);
    expect(JSON.stringify([tree, found]))
      .not.to.include("MHcCAQEE")
      .and.not.to.include(SAMPLES.github);
  });

  it("is answered secret by secret; an answer about nothing is told of, one without a reason refused", async () => {
    const found = await secretsInTree(root);
    const { pattern = "", fingerprint = "" } = found[0] ?? {};
    mkdirSync(join(root, "config"));
    const answers = [
      { pattern, fingerprint, reason: "made up for this test" },
      { pattern: "npm", fingerprint: "0".repeat(16), reason: "made up for this test" },
    ];
    put(ANSWERS_FILE, JSON.stringify(answers));
    const { open, stale } = judgeSecrets(found, readAnswers(root));
    expect(open).to.deep.equal([]);
    expect(stale.map((each) => each.pattern)).to.deep.equal(["npm"]);
    put(ANSWERS_FILE, JSON.stringify([{ pattern, fingerprint, reason: "" }]));
    expect(() => readAnswers(root)).to.throw(InputError, "a reason");
  });

  it("reads licences as expressions", () => {
    for (const fits of ["MIT", "(MIT OR GPL-2.0-only)", "(MIT AND Zlib)", "Apache-2.0 WITH LLVM-exception"])
      expect(isCompatible(fits), fits).to.equal(true);
    for (const not of ["GPL-2.0-only", "MIT AND SSPL-1.0", "none", "BUSL-1.1", "UNLICENSED"])
      expect(isCompatible(not), not).to.equal(false);
  });
});
