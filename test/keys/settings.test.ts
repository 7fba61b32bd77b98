import { openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { armor } from "age-encryption";
import { expect } from "chai";
import { InputError, RefusedError, UnavailableError } from "../../src/core/errors.ts";
import { AwsKmsKeys } from "../../src/keys/aws-kms.ts";
import { defaultKeysSettings, openConfiguredKeys, readKeysSettings } from "../../src/keys/index.ts";
import { pinFromEnvironment } from "../../src/keys/pin.ts";
import { Pkcs11Keys } from "../../src/keys/pkcs11/index.ts";
import { VaultKeys } from "../../src/keys/vault.ts";
import { PASSPHRASE, rejection, temporaryFolder } from "./support.ts";

const PKCS11 = '[keys]\nbackend = "pkcs11"\n[keys.pkcs11]\nmodule = "/x.so"\ntoken = "proofx"\n';
const AWS = '[keys]\nbackend = "aws-kms"\n[keys.aws-kms]\nregion = "eu-central-1"\n';
const VAULT =
  '[keys]\nbackend = "vault"\n[keys.vault]\naddress = "https://vault.example"\ntoken_file = "/t"\n';

describe("the settings choose where keys live", () => {
  let temporary: ReturnType<typeof temporaryFolder>;
  let file: string;
  beforeEach(() => {
    temporary = temporaryFolder();
    file = join(temporary.path, "proofx.toml");
  });
  afterEach(() => temporary[Symbol.dispose]());
  const read = (text: string) => {
    writeFileSync(file, text);
    return readKeysSettings(file);
  };
  const refused = (text: string, words: string) => {
    expect(() => read(text), text).to.throw(InputError, words);
  };

  it("without a section: the keystore, and 90 days for signers with a warning 14 days before", () => {
    const expected = {
      backend: "keystore",
      work_factor: 18,
      schedule: { signers: { keys: ["signer*"], days: 90, warn_days: 14 } },
    };
    expect(defaultKeysSettings()).to.deep.equal(expected);
    expect(read('[relayer]\nkey = "relayer"\n')).to.deep.equal(expected);
  });

  it("each backend has its section, and nothing is read or reached before a key is asked for", () => {
    const open = (text: string) => openConfiguredKeys(read(text), {});
    expect(open(PKCS11)).to.include({ place: 'token "proofx"' }).with.property("keys").instanceOf(Pkcs11Keys);
    expect(open(AWS).keys).to.be.instanceOf(AwsKmsKeys);
    expect(open(AWS).place).to.equal("AWS KMS in eu-central-1, alias/proofx/");
    expect(open(VAULT).keys).to.be.instanceOf(VaultKeys);
    expect(open(VAULT).place).to.equal("Vault at https://vault.example, transit/");
  });

  it("only the keystore takes keys in", () => {
    for (const text of [PKCS11, AWS, VAULT])
      expect(() => openConfiguredKeys(read(text), {}).importer()).to.throw(RefusedError, "from elsewhere");
    openConfiguredKeys(read(""), {}).importer();
  });

  it("name the keystore's folder and passphrase file, and the environment wins over them", async () => {
    const passphrase = join(temporary.path, "passphrase");
    writeFileSync(passphrase, PASSPHRASE, { mode: 0o600 });
    const folder = join(temporary.path, "keys");
    const settings = read(`[keys]\nfolder = "${folder}"\npassphrase_file = "${passphrase}"\n`);
    const { keys } = openConfiguredKeys(settings, {});
    const error = await rejection(keys.info("signer"));
    expect(error.message).to.equal(`no key "signer" in ${folder}`);

    const elsewhere = { PROOFX_KEYS: join(temporary.path, "other"), PROOFX_PASSPHRASE_FILE: "/nowhere" };
    const other = openConfiguredKeys(settings, elsewhere);
    expect(other.folder).to.equal(elsewhere.PROOFX_KEYS);
    const asked = await rejection(other.keys.create("signer", "secp256k1"));
    expect(asked.message).to.equal("passphrase file: /nowhere cannot be read (ENOENT)");
  });

  it("say how much work a guess of the passphrase is, in keys that are made from then on", async () => {
    const passphrase = join(temporary.path, "passphrase-2");
    writeFileSync(passphrase, PASSPHRASE, { mode: 0o600 });
    const folder = join(temporary.path, "keys-2");
    const named = `[keys]\nfolder = "${folder}"\npassphrase_file = "${passphrase}"\n`;
    const made = async (name: string, text: string): Promise<number> => {
      const { keys } = openConfiguredKeys(read(named + text), {});
      await keys.create(name, "ed25519");
      const { ciphertext } = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
      // The header's one line of a passphrase: `-> scrypt SALT LOG2N`.
      const header = Buffer.from(armor.decode(ciphertext)).toString("latin1");
      return Number(/^-> scrypt \S+ (\d+)$/m.exec(header)?.[1]);
    };
    expect(await made("quick", "work_factor = 10\n")).to.equal(10);
    expect(await made("usual", "")).to.equal(18);
    // Each opens by what its own file says.
    const { keys } = openConfiguredKeys(read(`${named}work_factor = 10\n`), {});
    for (const name of ["quick", "usual"]) await keys.signMessage(name, new Uint8Array(1));
    // A short passphrase keeps the work.
    writeFileSync(passphrase, "nine words", { mode: 0o600 });
    const elsewhere = `${named.replace(folder, `${folder}-short`)}work_factor = 10\n`;
    const refusal = await rejection(openConfiguredKeys(read(elsewhere), {}).keys.create("a", "ed25519"));
    expect(refusal.message).to.contain("random passphrases of 22 characters or more; this one has 10");
    for (const value of ["9", "21", "10.5", '"18"'])
      refused(`[keys]\nwork_factor = ${value}\n`, "keys.work_factor: expected a whole number from 10 to 20");
  });

  it("a token's PIN comes from a file or a descriptor that the environment names, never from its value", async () => {
    const pinFile = join(temporary.path, "pin");
    writeFileSync(pinFile, "a pin\n", { mode: 0o600 });
    expect(await pinFromEnvironment({ PROOFX_PIN_FILE: pinFile }).read("open")).to.equal("a pin");
    const descriptor = String(openSync(pinFile, "r"));
    expect(await pinFromEnvironment({ PROOFX_PIN_FD: descriptor }).read("open")).to.equal("a pin");
    const value = await rejection(pinFromEnvironment({ PROOFX_PIN_FD: "a pin" }).read("open"));
    expect(value.message).to.contain("PROOFX_PIN_FD").and.to.not.contain("a pin");
  });

  it("are refused by name: a backend there is not, its missing section, a secret in the file, a wrong schedule", () => {
    refused('[keys]\nbackend = "trezor"\n', "keys.backend: expected keystore, pkcs11, aws-kms, vault");
    refused('[keys]\nbackend = "pkcs11"\n', "keys.pkcs11: expected a section [keys.pkcs11]");
    refused(`${PKCS11}pin = "1234"\n`, 'keys.pkcs11: expected no unknown field, got "pin"');
    refused(VAULT.replace("https", "ftp"), "keys.vault.address: expected the https address");
    refused(`${AWS}prefix = "/x"\n`, "keys.aws-kms.prefix: expected at most 64");
    const schedule = (line: string) => `[keys.schedule.signers]\nkeys = ["signer"]\n${line}\n`;
    refused(schedule("days = 0"), "keys.schedule.signers.days: expected whole days from 1");
    refused(schedule("warn_days = -1"), "keys.schedule.signers.warn_days: expected whole days from 0");
    refused(
      '[keys.schedule.signers]\nkeys = ["*signer"]\n',
      "keys.schedule.signers.keys[0]: expected a key name",
    );
    refused("[keys.schedule.signers]\nkeys = []\n", "keys.schedule.signers.keys: expected at least one");
    refused("[keys\n", `${file}:`);
    expect(() => readKeysSettings(`${file}-none`)).to.throw(UnavailableError, "ENOENT");
  });
});
