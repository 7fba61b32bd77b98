import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { expect } from "chai";
import type { Hex } from "../../../src/core/bytes.ts";
import { EXIT, ProofXError } from "../../../src/core/errors.ts";
import type { KeyProvider } from "../../../src/core/ports.ts";
import { openKeyProvider, passphraseFromFile } from "../../../src/keys/index.ts";
import { createBackup, readBackup, type Trust } from "../../../src/ops/backup/index.ts";

describe("Who wrote a backup", () => {
  const folder = mkdtempSync(join(tmpdir(), "proofx-signed-"));
  const path = (name: string): string => join(folder, name);
  let keys: KeyProvider;
  let identity: string;
  let recipient: string;
  const publicKeys: Record<string, Hex> = {};

  before(async () => {
    writeFileSync(path("passphrase"), "a passphrase for tests", { mode: 0o600 });
    const passphrase = passphraseFromFile(path("passphrase"));
    keys = openKeyProvider({ folder: path("keys"), passphrase, workFactor: 10 });
    for (const [name, algorithm] of [
      ["operations", "ed25519"],
      ["token", "secp256k1"],
      ["thief", "ed25519"],
    ] as const)
      publicKeys[name] = (await keys.create(name, algorithm)).publicKey;
    identity = await generateIdentity();
    recipient = await identityToRecipient(identity);
    writeFileSync(path("part"), "what must not be lost");
    for (const name of ["operations", "token", "thief"]) await write(name, name);
    await write("unsigned", undefined);
  });
  after(() => rmSync(folder, { recursive: true }));

  async function write(file: string, signer: string | undefined): Promise<void> {
    await createBackup(path(`${file}.backup`), {
      parts: [{ name: "part", path: path("part"), required: true }],
      holders: { alice: recipient },
      threshold: 1,
      signer: signer === undefined ? undefined : { keys, name: signer },
    });
  }

  /** By whom, or the exit code of a refusal. */
  async function read(file: string, trust: Partial<Trust>): Promise<unknown> {
    const asked = { signers: {}, unverified: false, ...trust };
    try {
      const { signer } = await readBackup(path(file), { identities: [identity], shares: [] }, asked);
      return signer?.name ?? signer?.publicKey ?? "nobody";
    } catch (error) {
      if (error instanceof ProofXError) return [error.exitCode, error.next];
      throw error;
    }
  }

  /** Writes a copy whose first line is another. */
  function altered(from: string, to: string, change: (header: Record<string, unknown>) => object): void {
    const content = readFileSync(path(from));
    const end = content.indexOf(0x0a);
    const header = JSON.parse(content.subarray(0, end).toString());
    writeFileSync(
      path(to),
      Buffer.concat([Buffer.from(JSON.stringify(change(header))), content.subarray(end)]),
    );
  }

  const trusted = (...names: string[]): Partial<Trust> => ({
    signers: Object.fromEntries(names.map((name) => [name, publicKeys[name] as Hex])),
  });
  const code = async (file: string, trust: Partial<Trust>): Promise<unknown> => {
    const answer = await read(file, trust);
    return Array.isArray(answer) ? answer[0] : answer;
  };

  it("is said, for keys of both kinds", async () => {
    expect(await read("operations.backup", trusted("operations", "token"))).to.equal("operations");
    expect(await read("token.backup", trusted("operations", "token"))).to.equal("token");
  });

  it("nobody's and a stranger's are refused unless that was asked for, and named as such", async () => {
    for (const file of ["thief.backup", "unsigned.backup"]) {
      const [exit, next] = (await read(file, trusted("operations", "token"))) as [number, string];
      expect(exit).to.equal(EXIT.refused);
      expect(next).to.contain("--signer").and.to.contain("--unverified");
    }
    const anyone = { ...trusted("operations"), unverified: true };
    expect(await read("thief.backup", anyone)).to.equal(publicKeys.thief);
    expect(await read("unsigned.backup", anyone)).to.equal("nobody");
  });

  it("a first line that was changed is never taken, asked for or not", async () => {
    altered("operations.backup", "later", (header) => ({ ...header, taken_at: "2030-01-01T00:00:00.000Z" }));
    altered("operations.backup", "fewer", (header) => ({
      ...header,
      holders: [...(header.holders as object[]), ...(header.holders as object[])],
    }));
    altered("thief.backup", "renamed", ({ signed_by: signed, ...header }) => ({
      ...header,
      signed_by: { ...(signed as object), public_key: publicKeys.operations },
    }));
    for (const file of ["later", "fewer", "renamed"])
      for (const unverified of [false, true])
        expect(await code(file, { ...trusted("operations"), unverified }), file).to.equal(EXIT.failed);
  });

  it("a signature that was taken away, or put onto another content, saves nothing", async () => {
    altered("operations.backup", "stripped", ({ signed_by: _, ...header }) => header);
    expect(await code("stripped", trusted("operations"))).to.equal(EXIT.refused);
    const [mine, other] = ["operations.backup", "thief.backup"].map((name) => readFileSync(path(name)));
    if (mine === undefined || other === undefined) throw new Error("both were written");
    const [from, to] = [mine.indexOf(0x0a), other.indexOf(0x0a)];
    writeFileSync(path("swapped"), Buffer.concat([mine.subarray(0, from), other.subarray(to)]));
    expect(await code("swapped", trusted("operations"))).to.equal(EXIT.failed);
  });

  it("a key that cannot sign, or is not there, writes no backup", async () => {
    await keys.create("wrapping", "aes-256");
    for (const name of ["wrapping", "nobody"]) {
      const failed = await write("none", name).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect((failed as ProofXError).exitCode, name).to.equal(EXIT.badInput);
    }
  });
});
