import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { computeAddress } from "ethers";
import type { KeyInfo } from "../../src/core/ports.ts";
import { type DueReport, openKeyProvider, passphraseFromFile } from "../../src/keys/index.ts";
import { needsSoftHsm, PIN, startSoftHsm } from "../keys/softhsm.ts";
import {
  type CommandResult,
  expectOk,
  expectRefused,
  openTypist,
  runCommand,
  type Typist,
} from "../support/cli.ts";

const SECRET = "00000000000000000000000000000000000000000000000000000000c0ffee42";
const PASSPHRASE = "correct horse battery staple";

describe("keys, as an operator types it", function () {
  this.timeout(240_000);
  let folder: string;
  let environment: NodeJS.ProcessEnv;
  const path = (name: string) => join(folder, name);
  let typist: Typist;
  const type = (line: string, stdin?: string, more?: NodeJS.ProcessEnv): Promise<CommandResult> =>
    stdin === undefined && more === undefined
      ? typist.type(line.split(" "))
      : runCommand(line.split(" "), { ...environment, ...more }, stdin);
  const write = (name: string, text: string) => {
    writeFileSync(path(name), text, { mode: 0o600 });
    return path(name);
  };
  /** Keys under a passphrase that is not stretched, so that opening one costs the tests nothing. */
  const quick = () =>
    openKeyProvider({
      folder: path("keys"),
      passphrase: passphraseFromFile(path("passphrase")),
      workFactor: 2,
    });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "proofx-test-"));
    environment = {
      ...process.env,
      PROOFX_KEYS: path("keys"),
      PROOFX_PASSPHRASE_FILE: write("passphrase", PASSPHRASE),
      HARDHAT_DISABLE_TELEMETRY_PROMPT: "true",
    };
    typist = openTypist(environment);
  });
  afterEach(async () => {
    await typist.close();
    rmSync(folder, { recursive: true });
  });

  it("imports a key from a file or a descriptor, says that its source must go, and never shows it", async () => {
    const file = write("secret", `0x${SECRET}\n`);
    const imported = await type(`keys import --name deployer --algorithm secp256k1 --in ${file}`);
    expectOk(imported);
    expect(imported.stdout).to.contain(computeAddress(`0x${SECRET}`));
    expect(imported.stdout).to.contain(`Next: destroy the key in ${file}, and every copy`);
    const again = await type(
      "keys import --name deployer --algorithm secp256k1 --descriptor 0 --json",
      SECRET,
    );
    expectOk(again);
    expect(again.json<KeyInfo>().address).to.equal(computeAddress(`0x${SECRET}`));
    expect(imported.stdout + imported.stderr + again.stdout + again.stderr).to.not.contain(SECRET.slice(-8));
    expect(readFileSync(path("keys/deployer.json"), "utf8")).to.not.contain(SECRET.slice(-8));

    const nothing = await type("keys import --name other --algorithm secp256k1");
    expectRefused(nothing, 2, "expected a file or a descriptor, got neither");
    expect(nothing.stderr).to.contain("never give it on the command line");
    const zero = await type("keys import --name other --algorithm secp256k1 --descriptor 0", "0".repeat(64));
    expectRefused(zero, 2, "expected a number from 1 to the order of secp256k1 less 1");
  });

  it("rotates: says what the admin does next, goes on when repeated, and retires", async () => {
    const old = await quick().create("signer", "secp256k1");
    const first = await type("keys rotate --name signer --json");
    expectOk(first);
    const { to, next } = first.json<{ to: KeyInfo; next: string[] }>();
    expect(to.name).to.equal("signer.v2");
    const role = "--network NETWORK --role SIGNER_ROLE --account";
    expect(next).to.include(`npx hardhat roles grant ${role} ${to.address}`);
    expect(next).to.include(`npx hardhat roles revoke ${role} ${old.address}`);
    expect(next.at(-1)).to.equal("npx hardhat keys rotate --name signer --retire");

    const second = await type("keys rotate --name signer");
    expectOk(second);
    expect(second.stdout).to.contain('Key "signer.v2" replaces "signer" since');
    expect(second.stdout).to.contain("nothing was sent to any chain").and.to.contain(to.address);
    expect(await quick().list()).to.have.length(2);

    const log = await quick().create("agent", "ed25519");
    const agent = await type("keys rotate --name agent --json");
    expectOk(agent);
    expect(agent.json<{ next: string[] }>().next.join("\n"))
      .to.match(/^register 0x[0-9a-f]{64} for the agent/)
      .and.to.contain(`end the validity of ${log.publicKey}`);

    expectOk(await type("keys rotate --name signer --retire"));
    const due = await type("keys due --json");
    expectOk(due);
    expect(due.json<DueReport>().keys.map(({ name, status }) => [name, status])).to.deep.equal([
      ["agent", "ok"],
      ["agent.v2", "ok"],
      ["signer", "retired"],
      ["signer.v2", "ok"],
    ]);
  });

  it("due exits with 1 once a signer is 90 days old, and --open finds a time that was edited", async () => {
    await quick().create("signer", "secp256k1");
    const fresh = await type("keys due --open");
    expectOk(fresh);
    expect(fresh.stdout).to.match(/^signer +0 days {2}due \d{4}-\d\d-\d\d \(signers, 90 days\)$/m);

    const file = path("keys/signer.json");
    const createdAt = new Date(Date.now() - 90 * 86_400_000).toISOString();
    const key = { ...JSON.parse(readFileSync(file, "utf8")), createdAt };
    writeFileSync(file, JSON.stringify(key));
    const overdue = await type("keys due");
    expect(overdue.code).to.equal(1);
    expect(overdue.stdout).to.match(
      /^signer +90 days {2}OVERDUE since \d{4}-\d\d-\d\d \(signers, 90 days\)$/m,
    );
    expect(overdue.stdout).to.contain("Next: npx hardhat keys rotate --name signer");
    expectRefused(await type("keys due --open"), 1, "is torn or was changed");
  });

  it("reads the schedule and the backend from the file that PROOFX_CONFIG names", async () => {
    await quick().create("relayer", "secp256k1");
    const configuration = write(
      "proofx.toml",
      '[keys.schedule.relayers]\nkeys = ["relayer", "payer"]\ndays = 1\nwarn_days = 1\n',
    );
    const due = await type("keys due", "", { PROOFX_CONFIG: configuration });
    expect(due.code).to.equal(1);
    expect(due.stdout).to.match(/^relayer .*DUE SOON, \d{4}-\d\d-\d\d \(relayers, 1 day\)$/m);
    expect(due.stdout).to.match(/^payer .*is on the schedule, and no key in use has the name$/m);
    write("proofx.toml", '[keys]\nbackend = "paper"\n');
    const wrong = await type("keys list", "", { PROOFX_CONFIG: configuration });
    expectRefused(wrong, 2, "proofx.toml: keys.backend: expected keystore, pkcs11, aws-kms, vault");
  });

  it("does all of it on a PKCS#11 token, but import", async function () {
    needsSoftHsm(this);
    const hsm = startSoftHsm();
    // Its own slots: the test's process has the library open, so the token is made before the commands look.
    const token = hsm.newToken();
    const pin = write("pin", PIN);
    const section = `[keys.pkcs11]\nmodule = "${hsm.library}"\ntoken = "${token}"\npin_file = "${pin}"\n`;
    const more = {
      ...hsm.environment,
      PROOFX_CONFIG: write("proofx.toml", `[keys]\nbackend = "pkcs11"\n${section}`),
    };
    const created = await type("keys create --name signer --algorithm secp256k1", "", more);
    expectOk(created);
    expect(created.stdout).to.contain(`Key "signer" (secp256k1) is in token "${token}"`);
    const rotated = await type("keys rotate --name signer --json", "", more);
    expectOk(rotated);
    expect(rotated.json<{ to: KeyInfo }>().to.name).to.equal("signer.v2");
    const listed = await type("keys list --json", "", { ...more, PROOFX_PIN_FILE: "/nowhere" });
    expectOk(listed);
    expect(listed.json<{ keys: KeyInfo[] }>().keys.map(({ name }) => name)).to.deep.equal([
      "signer",
      "signer.v2",
    ]);
    expectRefused(
      await type("keys import --name x --algorithm ed25519 --descriptor 0", SECRET, more),
      3,
      `token "${token}" takes no keys from elsewhere`,
    );
  });
});
