import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { expect } from "chai";
import { recoverAddress, Signature } from "ethers";
import type { KeyPair, Mechanism, Template } from "pkcs11js";
import {
  CheckError,
  InputError,
  ProofXError,
  RefusedError,
  UnavailableError,
} from "../../src/core/errors.ts";
import { pinFromFile } from "../../src/keys/pin.ts";
import { Pkcs11Keys } from "../../src/keys/pkcs11/index.ts";
import { newKeyTemplates } from "../../src/keys/pkcs11/objects.ts";
import { DIGEST, keepsToThePort } from "./contract.ts";
import { needsSoftHsm, PIN, type SoftHsm, startSoftHsm, tokenFolders } from "./softhsm.ts";
import { rejection, temporaryFolder } from "./support.ts";

const CHILD = fileURLToPath(new URL("./pkcs11-child.ts", import.meta.url));

type Generate = (session: Buffer, mechanism: Mechanism, publicKey: Template, secret: Template) => KeyPair;

describe("keys on a PKCS#11 token (SoftHSM2)", function () {
  this.timeout(120_000);
  let hsm: SoftHsm;
  let token: string;
  before(function () {
    needsSoftHsm(this);
    hsm = startSoftHsm();
  });
  beforeEach(() => {
    token = hsm.newToken();
  });

  const never = { read: () => Promise.reject(new Error("asked")) };
  const open = () => hsm.open(token);
  /** Handles of the token's objects with this label. */
  const objects = (session: Buffer, kind: number, label: string): Buffer[] => {
    const { binding, module } = hsm;
    module.C_FindObjectsInit(session, [
      { type: binding.CKA_CLASS, value: kind },
      { type: binding.CKA_LABEL, value: label },
    ]);
    const found = module.C_FindObjects(session, 10);
    module.C_FindObjectsFinal(session);
    return found;
  };
  const privateKey = (session: Buffer, label: string): Buffer => {
    const [handle] = objects(session, hsm.binding.CKO_PRIVATE_KEY, label);
    if (handle === undefined) throw new Error(`no private key ${label}`);
    return handle;
  };
  const newKey = (session: Buffer, label: string): Parameters<Generate> => {
    const { publicKey, privateKey: secret } = newKeyTemplates(
      hsm.binding,
      label,
      "secp256k1",
      randomBytes(8),
    );
    return [session, { mechanism: hsm.binding.CKM_EC_KEY_PAIR_GEN }, publicKey, secret];
  };
  /** A key made past ProofX, as another program would. */
  const generate = (session: Buffer, label: string): KeyPair =>
    hsm.module.C_GenerateKeyPair(...newKey(session, label));
  /** Does something while the library makes keys in another way. */
  const withGenerate = async <T>(
    change: (real: Generate) => Generate,
    work: () => Promise<T>,
  ): Promise<T> => {
    const { module } = hsm;
    const own = module.C_GenerateKeyPair;
    module.C_GenerateKeyPair = change(own.bind(module) as Generate) as typeof own;
    try {
      return await work();
    } finally {
      module.C_GenerateKeyPair = own;
    }
  };

  describe("keeps to the port", () => {
    keepsToThePort(() => ({ open, openWithoutSecret: () => hsm.open(token, never) }));
  });

  describe("a private key never comes out", () => {
    it("reading its value is refused by the token, whichever algorithm", async () => {
      const keys = open();
      await keys.create("signer", "secp256k1");
      await keys.create("agent", "ed25519");
      const session = hsm.session(token);
      for (const name of ["signer", "agent"]) {
        const query = [{ type: hsm.binding.CKA_VALUE }];
        expect(() => hsm.module.C_GetAttributeValue(session, privateKey(session, name), query)).to.throw(
          "CKR_ATTRIBUTE_SENSITIVE",
        );
      }
    });

    it("nor does a secret key; who has no PIN sees its name and cannot use it", async () => {
      await open().create("master", "aes-256");
      expect((await hsm.open(token, never).list()).map(({ name }) => name)).to.deep.equal(["master"]);
      const wrapping = hsm.open(token, never).wrapKey("master", DIGEST, DIGEST);
      expect((await rejection(wrapping)).message).to.equal("asked");
      const session = hsm.session(token);
      const [key] = objects(session, hsm.binding.CKO_SECRET_KEY, "master");
      expect(() =>
        hsm.module.C_GetAttributeValue(session, key ?? Buffer.alloc(0), [{ type: hsm.binding.CKA_VALUE }]),
      ).to.throw("CKR_ATTRIBUTE_SENSITIVE");
    });

    it("and a key that the token made readable against the order is deleted at once", async () => {
      const { CKA_EXTRACTABLE } = hsm.binding;
      // Stands for a token that takes the template and does not keep to it.
      const disobedient =
        (real: Generate): Generate =>
        (session, mechanism, publicKey, secret) => {
          const readable = secret.map((each) =>
            each.type === CKA_EXTRACTABLE ? { ...each, value: true } : each,
          );
          return real(session, mechanism, publicKey, readable);
        };
      const error = await withGenerate(disobedient, () => rejection(open().create("signer", "secp256k1")));
      expect(error).to.be.instanceOf(CheckError);
      expect(error.message).to.contain("can be read out of it");
      expect(await open().list()).to.deep.equal([]);
    });

    it("nor can it be made readable, or its time be changed, afterwards", async () => {
      await open().create("signer", "secp256k1");
      const session = hsm.session(token);
      const { CKA_EXTRACTABLE, CKA_SENSITIVE, CKA_ID, CKA_LABEL } = hsm.binding;
      for (const change of [
        { type: CKA_EXTRACTABLE, value: true },
        { type: CKA_SENSITIVE, value: false },
        { type: CKA_ID, value: Buffer.from("PXK1............") },
        { type: CKA_LABEL, value: "other" },
      ]) {
        expect(() =>
          hsm.module.C_SetAttributeValue(session, privateKey(session, "signer"), [change]),
        ).to.throw(/^CKR_/);
      }
    });
  });

  describe("the PIN", () => {
    it("may come from a private file", async () => {
      using temporary = temporaryFolder();
      const file = join(temporary.path, "pin");
      writeFileSync(file, `${PIN}\n`, { mode: 0o600 });
      await hsm.open(token, pinFromFile(file)).create("signer", "secp256k1");
      writeFileSync(`${file}-open`, PIN, { mode: 0o644 });
      const other = hsm.open(hsm.newToken(), pinFromFile(`${file}-open`));
      expect(await rejection(other.create("signer", "secp256k1"))).to.be.instanceOf(RefusedError);
    });

    it("when it is wrong, is tried once and not again, so that the token is not locked; and is never shown", async () => {
      let asked = 0;
      const keys = hsm.open(token, {
        read: async () => {
          asked += 1;
          return "wrong-pin";
        },
      });
      const errors: Error[] = [];
      for (let i = 0; i < 5; i++) errors.push(await rejection(keys.create("signer", "secp256k1")));
      for (const error of errors) {
        expect(error).to.be.instanceOf(InputError);
        expect(error.message).to.equal(`the PIN does not open token "${token}"`);
      }
      expect(asked).to.equal(1);
      expect(inspect([keys, ...errors], { depth: 20, showHidden: true })).to.not.contain("wrong-pin");
      await open().create("signer", "secp256k1");
    });

    it("is not tried at all when one more wrong one would lock the token, or when it is locked", async () => {
      const { CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED } = hsm.binding;
      const { module } = hsm;
      const real = module.C_GetTokenInfo;
      try {
        for (const flag of [CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED]) {
          // SoftHSM2 counts no tries, so the flag of a token that does is put in here.
          module.C_GetTokenInfo = (slot) => {
            const info = real.call(module, slot);
            return { ...info, flags: info.flags | flag };
          };
          const error = await rejection(hsm.open(token, never).create("signer", "secp256k1"));
          expect(error).to.be.instanceOf(RefusedError);
          expect(error.message).to.match(/locks it, so none is tried$|is locked after too many wrong ones$/);
        }
      } finally {
        module.C_GetTokenInfo = real;
      }
    });
  });

  describe("a key it cannot be sure of", () => {
    it("two with the same label: neither signs, and the error tells them apart", async () => {
      const session = hsm.session(token);
      generate(session, "signer");
      generate(session, "signer");
      for (const attempt of [open().signDigest("signer", DIGEST), open().info("signer"), open().list()]) {
        const error = await rejection(attempt);
        expect(error).to.be.instanceOf(CheckError);
        expect(error.message).to.match(
          new RegExp(
            `^token "${token}" has 2 keys labelled "signer", with the ids [0-9a-f]{16} and [0-9a-f]{16}$`,
          ),
        );
      }
    });

    it("one whose public half was exchanged for another key's: its signature is not handed on", async () => {
      const keys = open();
      await keys.create("signer", "secp256k1");
      const session = hsm.session(token);
      const { binding, module } = hsm;
      const [original] = objects(session, binding.CKO_PUBLIC_KEY, "signer");
      const other = generate(session, "thief");
      const point = (object: Buffer, type: number) => {
        const [attribute] = module.C_GetAttributeValue(session, object, [{ type }]);
        return Buffer.isBuffer(attribute?.value) ? attribute.value : Buffer.alloc(0);
      };
      const id = point(original ?? Buffer.alloc(0), binding.CKA_ID);
      module.C_DestroyObject(session, original ?? Buffer.alloc(0));
      const { publicKey } = newKeyTemplates(binding, "signer", "secp256k1", id);
      module.C_CreateObject(session, [
        ...publicKey,
        { type: binding.CKA_EC_POINT, value: point(other.publicKey, binding.CKA_EC_POINT) },
      ]);

      const error = await rejection(keys.signDigest("signer", DIGEST));
      expect(error).to.be.instanceOf(CheckError);
      expect(error.message).to.contain("does not verify under the key's public key");
    });

    it("half a key, as a killed process leaves: it is named and not made over", async () => {
      const keys = open();
      await keys.create("signer", "secp256k1");
      const session = hsm.session(token);
      hsm.module.C_DestroyObject(session, privateKey(session, "signer"));
      const error = await rejection(keys.signDigest("signer", DIGEST));
      expect(error.message).to.equal(`token "${token}": key "signer" has 0 private halves`);
      expect(await rejection(keys.create("signer", "secp256k1"))).to.be.instanceOf(RefusedError);
    });

    it("one that another process made between our look and ours: that one stays, ours goes", async () => {
      const session = hsm.session(token);
      const second =
        (real: Generate): Generate =>
        (...args) => {
          real(...newKey(session, "signer"));
          return real(...args);
        };
      const error = await withGenerate(second, () => rejection(open().create("signer", "secp256k1")));
      expect(error).to.be.instanceOf(RefusedError);
      expect(await open().list()).to.have.length(1);
      expect(objects(session, hsm.binding.CKO_PRIVATE_KEY, "signer")).to.have.length(1);
      await open().signDigest("signer", DIGEST);
    });

    it("keys of another kind, curve or name are none of ours", async () => {
      const session = hsm.session(token);
      const { binding, module } = hsm;
      const { publicKey, privateKey: secret } = newKeyTemplates(binding, "p256", "secp256k1", randomBytes(8));
      const p256 = publicKey.map((attribute) =>
        attribute.type === binding.CKA_EC_PARAMS
          ? { ...attribute, value: Buffer.from("06082a8648ce3d030107", "hex") }
          : attribute,
      );
      module.C_GenerateKeyPair(session, { mechanism: binding.CKM_EC_KEY_PAIR_GEN }, p256, secret);
      generate(session, "Not A Name");
      module.C_GenerateKeyPair(
        session,
        { mechanism: binding.CKM_RSA_PKCS_KEY_PAIR_GEN },
        [
          { type: binding.CKA_TOKEN, value: true },
          { type: binding.CKA_PRIVATE, value: false },
          { type: binding.CKA_LABEL, value: "rsa" },
          { type: binding.CKA_MODULUS_BITS, value: 1024 },
          { type: binding.CKA_PUBLIC_EXPONENT, value: Buffer.from([1, 0, 1]) },
        ],
        [{ type: binding.CKA_TOKEN, value: true }],
      );
      expect(await open().list()).to.deep.equal([]);
      expect(await rejection(open().signDigest("p256", DIGEST))).to.be.instanceOf(InputError);
    });

    it("one that another program made has an unknown age, the oldest there is", async () => {
      generate(hsm.session(token), "signer");
      expect((await open().info("signer")).createdAt).to.equal("1970-01-01T00:00:00.000Z");
    });
  });

  it("a key that was acknowledged is there and signs after kill -9", async () => {
    using temporary = temporaryFolder();
    const pinFile = join(temporary.path, "pin");
    writeFileSync(pinFile, PIN, { mode: 0o600 });
    const child = spawn(process.execPath, [CHILD, hsm.library, token, pinFile], {
      env: { ...process.env, ...hsm.environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.split("\n").length > 5) child.kill("SIGKILL");
    });
    const [, signal] = await once(child, "close");
    expect(signal).to.equal("SIGKILL");

    const acknowledged = printed.split("\n").slice(0, -1);
    expect(acknowledged.length).to.be.above(4);
    const listed = await open().list();
    for (const line of acknowledged) {
      const [name = "", address] = line.split(" ");
      expect(listed.find((key) => key.name === name)?.address).to.equal(address);
      const { r, s, yParity } = await open().signDigest(name, DIGEST);
      expect(recoverAddress(DIGEST, Signature.from({ r, s, yParity }))).to.equal(address);
    }
  });

  describe("a token that goes", () => {
    it("lost sessions are opened again, with the PIN read again", async () => {
      let asked = 0;
      const keys = hsm.open(token, {
        read: async () => {
          asked += 1;
          return PIN;
        },
      });
      const { address } = await keys.create("signer", "secp256k1");
      // What a token that was pulled and plugged in again looks like to its programs.
      hsm.module.C_CloseAllSessions(hsm.slotOf(token));
      const { r, s, yParity } = await keys.signDigest("signer", DIGEST);
      expect(recoverAddress(DIGEST, Signature.from({ r, s, yParity }))).to.equal(address);
      expect(asked).to.equal(2);
    });

    it("many who lose a session at once all get their signature", async () => {
      const keys = open();
      const { address } = await keys.create("signer", "secp256k1");
      hsm.module.C_CloseAllSessions(hsm.slotOf(token));
      const signatures = await Promise.all(
        Array.from({ length: 12 }, () => keys.signDigest("signer", DIGEST)),
      );
      for (const { r, s, yParity } of signatures)
        expect(recoverAddress(DIGEST, Signature.from({ r, s, yParity }))).to.equal(address);
    });

    it("signs nothing more, and one that opens it anew is told that it is gone", async () => {
      const before = new Set(tokenFolders(hsm));
      const pulled = hsm.newToken();
      const keys = hsm.open(pulled);
      await keys.create("signer", "secp256k1");
      const folder = tokenFolders(hsm).find((name) => !before.has(name));
      rmSync(join(hsm.tokens, folder ?? "none"), { recursive: true });
      expect(await rejection(keys.signDigest("signer", DIGEST))).to.be.instanceOf(ProofXError);
      const error = await rejection(hsm.open(pulled).list());
      expect(error).to.be.instanceOf(UnavailableError);
      expect(error.message).to.contain(`no token "${pulled}" is plugged in`);
    });

    it("says which tokens there are when the one that is meant is not", async () => {
      const error = await rejection(hsm.open("elsewhere").list());
      expect(error).to.be.instanceOf(UnavailableError);
      expect(error.message).to.match(/^no token "elsewhere" is plugged in; there is .*"test-1"/);
    });

    it("and a library that is missing, or is none, is named", async () => {
      using temporary = temporaryFolder();
      const text = join(temporary.path, "library.so");
      writeFileSync(text, "no library");
      for (const library of [join(temporary.path, "none.so"), text]) {
        const error = await rejection(new Pkcs11Keys({ library, token, pin: never }).list());
        expect(error).to.be.instanceOf(UnavailableError);
        expect(error.message).to.contain(`PKCS#11 library: ${library} `);
      }
    });
  });
});
