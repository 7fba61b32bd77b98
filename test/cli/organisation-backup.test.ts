import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { Command } from "commander";
import { addBackup } from "../../src/cli/commands/backup.ts";
import { openKeyProvider, passphraseFromFile } from "../../src/keys/index.ts";
import { migrate, openPglite } from "../../src/sequencer/store/index.ts";
import { fillStream } from "../sequencer/filled.ts";
import { inProcess, type ProofxResult } from "../support/proofx.ts";

describe("proofx backup create, list, verify, share and restore", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "proofx-organisation-"));
  const path = (name: string): string => join(folder, name);
  const env = {
    DATABASE_URL: undefined,
    PROOFX_KEYS: path("keys"),
    PROOFX_DEPLOYMENTS: path("deployments"),
    PROOFX_CONFIG: path("proofx.toml"),
    PROOFX_PASSPHRASE_FILE: path("passphrase"),
  };
  /** In this process, as `main.ts` runs it; one process each would take most of the time. */
  const backup = async (...args: string[]): Promise<ProofxResult> => {
    const program = new Command("proofx").exitOverride();
    addBackup(program);
    return await inProcess(() => program.parseAsync(["backup", ...args], { from: "user" }), env);
  };
  const recipients: Record<string, string> = {};
  /** Public key of who signs. */
  let signer = "";
  const settings = (extra: string): string => `[store]\nfolder = "${path("log")}"
[keys]\nwork_factor = 10\nfolder = "${path("keys")}"
[watcher]\nfolder = "${path("watcher")}"
[alerts]\nfolder = "${path("alerts")}"
[incidents]\nfolder = "${path("incidents")}"
[backup]\nfolder = "${path("backups")}"\nsigner = "backup"\n${extra}
[backup.include]\nrelayer = "${path("relayer.json")}"
[backup.holders]\n${Object.entries(recipients)
    .map(([name, recipient]) => `${name} = "${recipient}"`)
    .join("\n")}\n`;

  before(async () => {
    mkdirSync(path("keys/rotations"), { recursive: true, mode: 0o700 });
    writeFileSync(path("passphrase"), "a passphrase for tests", { mode: 0o600 });
    const passphrase = passphraseFromFile(path("passphrase"));
    const keys = openKeyProvider({ folder: path("keys"), passphrase, workFactor: 10 });
    signer = (await keys.create("backup", "ed25519")).publicKey;
    writeFileSync(path("keys/signer.key.json"), "sealed signer", { mode: 0o600 });
    writeFileSync(path("keys/rotations/signer.begun"), "begun", { mode: 0o600 });
    mkdirSync(path("deployments"));
    writeFileSync(path("deployments/story.json"), "x".repeat(200_000));
    writeFileSync(path("relayer.json"), "{}");
    const store = await openPglite(path("log"));
    try {
      await migrate(store, { backup: async () => {} });
      await fillStream(store);
    } finally {
      await store.close();
    }
    for (const name of ["alice", "bob", "carol", "stranger"]) {
      const { code, stdout, stderr } = await backup("identity", "--out", path(`${name}.txt`), "--json");
      expect(code, stderr).to.equal(0);
      recipients[name] = JSON.parse(stdout).recipient;
    }
    delete recipients.stranger;
    writeFileSync(path("proofx.toml"), settings("threshold = 2"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const newest = (): string =>
    path(
      join(
        "backups",
        readdirSync(path("backups"))
          .filter((name) => name.startsWith("2"))
          .sort()
          .at(-1) ?? "",
      ),
    );
  const identity = (...names: string[]): string[] =>
    names.flatMap((name) => ["--identity", path(`${name}.txt`)]);

  it("an identity is its holder's alone", () => {
    expect(statSync(path("alice.txt")).mode & 0o777).to.equal(0o600);
  });

  it("list says that a backup is missing until there is one", async () => {
    const none = await backup("list");
    expect([none.code, none.stdout]).to.deep.equal([
      1,
      `No backup in ${path("backups")}\nNext: npx proofx backup create\n`,
    ]);
    const made = await backup("create", "--json");
    expect(made.code, made.stderr).to.equal(0);
    const { parts, absent } = JSON.parse(made.stdout);
    expect(parts.map(({ name }: { name: string }) => name)).to.include.members([
      "config",
      "keys",
      "deployments",
      "relayer",
      "log",
    ]);
    expect(absent).to.deep.equal(["watcher", "alerts", "incidents"]);
    const listed = await backup("list", "--json");
    expect(listed.code, listed.stderr).to.equal(0);
    expect(JSON.parse(listed.stdout).backups[0]).to.include({ threshold: 2 });
    const bare = readFileSync(newest(), "latin1");
    expect(bare).to.not.contain("sealed signer").and.to.not.contain("AGE-SECRET");
    expect(readdirSync(path("backups")).filter((name) => name !== ".creating.lock")).to.have.lengthOf(2);
  });

  it("one holder of three opens nothing, two do, and a stranger does not count", async () => {
    const one = await backup("verify", newest(), ...identity("alice"));
    expect(one.code).to.equal(1);
    expect(one.stderr).to.contain("it takes 2 holders, and there are shares of 1");
    const stranger = await backup("verify", newest(), ...identity("alice", "stranger"));
    expect(stranger.code).to.equal(1);
    const two = await backup("verify", newest(), ...identity("carol", "alice"), "--json");
    expect(two.code, two.stderr).to.equal(0);
    expect(JSON.parse(two.stdout)).to.deep.include({
      opened: true,
      log_streams: 1,
      signed_by: { name: "backup", public_key: signer },
    });
  });

  it("a holder elsewhere opens a share for whoever restores, and for nobody else", async () => {
    const to = JSON.parse(
      (await backup("identity", "--out", path("restorer.txt"), "--json")).stdout,
    ).recipient;
    const handed = await backup(
      "share",
      newest(),
      ...identity("bob"),
      "--to",
      to,
      "--out",
      path("bob.share"),
    );
    expect(handed.code, handed.stderr).to.equal(0);
    const opened = await backup(
      "verify",
      newest(),
      ...identity("alice", "restorer"),
      "--share",
      path("bob.share"),
    );
    expect(opened.code, opened.stderr).to.equal(0);
    const other = await backup(
      "verify",
      newest(),
      ...identity("alice", "stranger"),
      "--share",
      path("bob.share"),
    );
    expect(other.code).to.equal(1);
    expect(
      (await backup("share", newest(), ...identity("stranger"), "--to", to, "--out", path("no.share"))).code,
    ).to.equal(1);
  });

  it("a share of another backup is not handed over, whatever the first line says", async () => {
    const good = readFileSync(newest());
    const line = good.indexOf(0x0a);
    const header = JSON.parse(good.subarray(0, line).toString());
    const swapped = JSON.stringify({ ...header, id: "00000000-0000-4000-8000-000000000000" });
    writeFileSync(path("swapped"), Buffer.concat([Buffer.from(swapped), good.subarray(line)]));
    const options = ["--to", recipients.alice ?? "", "--out", path("swapped.share")];
    const { code, stderr } = await backup("share", path("swapped"), ...identity("bob"), ...options);
    expect([code, stderr.includes("of another backup")], stderr).to.deep.equal([1, true]);
    expect(existsSync(path("swapped.share"))).to.equal(false);
  });

  it("nothing is put in place while there is a log that would be in the way", async () => {
    const before = treeOf(path("keys"));
    rmSync(path("keys"), { recursive: true });
    const by = ["--signer", signer];
    const into = ["--into", path("in-the-way"), "--in-place", ...by];
    const refused = await backup("restore", newest(), ...identity("alice", "bob"), ...into);
    expect([refused.code, refused.stderr.includes(`${path("log")} is there already`)]).to.deep.equal([
      3,
      true,
    ]);
    expect(existsSync(path("keys"))).to.equal(false);
    const keys = ["--into", path("keys-alone"), "--in-place", "--only", "keys", ...by];
    expect((await backup("restore", newest(), ...identity("alice", "bob"), ...keys)).code).to.equal(0);
    expect(treeOf(path("keys"))).to.deep.equal(before);
  });

  it("everything is wiped and restored as it was", async () => {
    const before = ["keys", "deployments", "relayer.json"].map((name) => treeOf(path(name)));
    for (const name of ["keys", "deployments", "relayer.json", "log"])
      rmSync(path(name), { recursive: true });
    const unknown = await backup("restore", newest(), "--into", path("no"), ...identity("alice", "bob"));
    expect([unknown.code, unknown.stderr.includes("is signed by")], unknown.stderr).to.deep.equal([3, true]);
    const restored = await backup(
      "restore",
      newest(),
      "--signer",
      signer,
      "--into",
      path("unpacked"),
      ...identity("alice", "bob"),
      "--in-place",
      "--without-chain",
    );
    expect(restored.code, restored.stderr).to.equal(0);
    expect(restored.stdout).to.contain("restored 1 streams, 8 events").and.to.contain("with the keys of");
    expect(["keys", "deployments", "relayer.json"].map((name) => treeOf(path(name)))).to.deep.equal(before);
    expect(existsSync(path("log.restored"))).to.equal(false);
    const again = await backup(
      "restore",
      newest(),
      "--into",
      path("second"),
      ...identity("alice", "bob"),
      "--in-place",
    );
    expect([again.code, again.stderr.includes(`${path("log")} is there already`)]).to.deep.equal([3, true]);
    expect(again.stderr).to.not.contain("keys is there");
    writeFileSync(path("keys/signer.key.json"), "another key");
    const into = ["--into", path("third"), "--in-place", "--only", "keys"];
    const other = await backup("restore", newest(), ...identity("alice", "bob"), ...into);
    expect([other.code, other.stderr.includes(`${path("keys")} is there already, is another`)]).to.deep.equal(
      [3, true],
    );
    expect(readFileSync(path("keys/signer.key.json"), "utf8")).to.equal("another key");
  });

  it("a database that is being written to is taken as it is at one moment", async () => {
    const database = new DatabaseSync(path("deployments/alerts.sqlite"));
    database.exec(
      "PRAGMA journal_mode = WAL; CREATE TABLE alerts (id INTEGER); INSERT INTO alerts VALUES (7)",
    );
    try {
      expect((await backup("create")).code).to.equal(0);
      const into = ["--into", path("database")];
      expect((await backup("restore", newest(), ...into, ...identity("alice", "bob"))).code).to.equal(0);
    } finally {
      database.close();
    }
    expect(readdirSync(path("database/deployments"))).to.have.members(["alerts.sqlite", "story.json"]);
    const copy = new DatabaseSync(path("database/deployments/alerts.sqlite"));
    expect(
      copy
        .prepare("SELECT id FROM alerts")
        .all()
        .map((row) => row.id),
    ).to.deep.equal([7]);
    copy.close();
  });

  it("a backup that was changed, cut or swapped restores nothing", async () => {
    const good = readFileSync(newest());
    const line = good.indexOf(0x0a);
    const flipped = Buffer.from(good);
    flipped[good.length - 40] = (flipped[good.length - 40] ?? 0) ^ 1;
    const header = JSON.parse(good.subarray(0, line).toString());
    const lied = Buffer.concat([
      Buffer.from(JSON.stringify({ ...header, taken_at: "2030-01-01T00:00:00.000Z" })),
      good.subarray(line),
    ]);
    for (const [name, content] of Object.entries({
      flipped,
      cut: good.subarray(0, -1000),
      lied,
      empty: Buffer.alloc(0),
    })) {
      writeFileSync(path(name), content);
      const { code, stderr } = await backup(
        "restore",
        path(name),
        "--into",
        path("bad"),
        ...identity("alice", "bob"),
      );
      expect(code, `${name}: ${stderr}`).to.equal(1);
      expect(existsSync(path("bad")), name).to.equal(false);
    }
  });

  it("what a killed run left in clear is gone with the next one", async () => {
    const left = [".working-aB3xYz", "payload-keys.backup.0123456789ab.tmp.copies-aB3xYz"].map((name) =>
      path(`backups/${name}`),
    );
    for (const place of left) {
      mkdirSync(place);
      writeFileSync(join(place, "keys.current.gz"), "in clear");
    }
    const made = await backup("create");
    expect(made.code, made.stderr).to.equal(0);
    expect(left.filter((place) => existsSync(place))).to.deep.equal([]);
  });

  it("one holder is enough where the settings say so, and it opens for each alone", async () => {
    writeFileSync(path("proofx.toml"), settings("threshold = 1"));
    const made = await backup("create");
    expect(made.code, made.stderr).to.equal(0);
    const opened = await backup("verify", newest(), ...identity("bob"));
    expect(opened.code, opened.stderr).to.equal(0);
    const unpacked = await backup("restore", newest(), "--into", path("alone"), ...identity("bob"));
    expect(unpacked.code, unpacked.stderr).to.equal(0);
    expect(treeOf(path("alone/keys"))).to.deep.equal(treeOf(path("keys")));
  });

  it("one that nobody signed, or another key, is taken only when that is said", async () => {
    const other = `0x${"11".repeat(32)}`;
    const wrong = await backup("verify", newest(), ...identity("bob"), "--signer", other);
    expect([wrong.code, wrong.stderr.includes(signer)], wrong.stderr).to.deep.equal([3, true]);
    expect((await backup("verify", newest(), "--signer", "backup")).code).to.equal(2);
    expect((await backup("create", "--unsigned")).code).to.equal(0);
    const refused = await backup("restore", newest(), "--into", path("unsigned"), ...identity("bob"));
    expect([refused.code, existsSync(path("unsigned"))]).to.deep.equal([3, false]);
    const said = await backup("verify", newest(), ...identity("bob"), "--unverified");
    expect([said.code, said.stdout.includes("NOT SIGNED")], said.stderr).to.deep.equal([0, true]);
  });

  it("a newer one that somebody else put there does not count as last night's", async () => {
    for (const name of readdirSync(path("backups")).filter((each) => each.startsWith("2"))) {
      const file = path(join("backups", name));
      const content = readFileSync(file);
      const { signed_by: _, ...header } = JSON.parse(content.subarray(0, content.indexOf(0x0a)).toString());
      writeFileSync(
        file,
        Buffer.concat([Buffer.from(JSON.stringify(header)), content.subarray(content.indexOf(0x0a))]),
      );
    }
    const none = await backup("list");
    expect([none.code, none.stdout.includes("DOES NOT COUNT")], none.stderr).to.deep.equal([1, true]);
    expect(none.stdout).to.contain("No backup in");
    expect((await backup("create")).code).to.equal(0);
    expect((await backup("list")).code).to.equal(0);
  });

  it("refuses what it could not give back: a missing part, a link, a witness's state, no holder", async () => {
    const create = async (extra: string) => {
      writeFileSync(path("other.toml"), extra);
      return await backup("create", "--config", path("other.toml"));
    };
    const base = settings("log = false");
    const missing = await create(base.replace("relayer.json", "nowhere.json"));
    expect([missing.code, missing.stderr.includes("nowhere.json is not there")]).to.deep.equal([4, true]);
    mkdirSync(path("linked"));
    symlinkSync("/etc/hostname", path("linked/secret"));
    expect((await create(base.replace("relayer.json", "linked"))).code).to.equal(3);
    const witness = `${base.replace("relayer.json", "w")}[witness]\nfolder = "${path("w")}"\n`;
    const refused = await create(witness);
    expect([refused.code, refused.stderr.includes("never restored")]).to.deep.equal([3, true]);
    const nobody = await create(base.slice(0, base.indexOf("[backup.holders]")));
    expect([nobody.code, nobody.stderr.includes("proofx backup identity")]).to.deep.equal([2, true]);
    const unsigned = await create(base.replace('signer = "backup"', ""));
    expect([unsigned.code, unsigned.stderr.includes("keys create --name backup")]).to.deep.equal([3, true]);
    const much = await create(base.replace("log = false", "threshold = 4"));
    expect(much.code).to.equal(2);
    chmodSync(path("alice.txt"), 0o644);
    expect((await backup("verify", newest(), ...identity("alice"))).code).to.equal(3);
    chmodSync(path("alice.txt"), 0o600);
  });
});

/** Names, permissions and contents of what is at a place. */
function treeOf(place: string): Record<string, string> {
  const files = statSync(place).isFile()
    ? [place]
    : readdirSync(place, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files.map((file) => [
      `${file.slice(place.length)} ${statSync(file).mode.toString(8)}`,
      readFileSync(file).toString("hex"),
    ]),
  );
}
