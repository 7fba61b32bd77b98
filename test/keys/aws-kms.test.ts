import { secp256k1 } from "@noble/curves/secp256k1.js";
import { expect } from "chai";
import { recoverAddress, Signature } from "ethers";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import { CheckError, InputError, RefusedError, UnavailableError } from "../../src/core/errors.ts";
import { AwsKmsKeys } from "../../src/keys/aws-kms.ts";
import { publicKeyOf } from "../../src/keys/secret-key.ts";
import { wrapContext } from "../../src/keys/wrapping.ts";
import { DIGEST } from "./contract.ts";
import { rejection } from "./support.ts";

const OPTIONS = { region: "eu-central-1", prefix: "proofx" };
const SECRET = Uint8Array.from([...new Uint8Array(31), 1]);
const PUBLIC_KEY = publicKeyOf("secp256k1", SECRET);
const SPKI = Buffer.concat([
  Buffer.from("3056301006072a8648ce3d020106052b8104000a034200", "hex"),
  secp256k1.getPublicKey(SECRET, false),
]);
const MADE = new Date("2026-05-01T10:00:00Z");

/** Answers of one command after another, or the error it ends with. */
type Answers = Record<string, readonly (object | Error)[]>;

/**
 * Writes down the requests an adapter builds and plays answers in the form of the service's documentation. It is no KMS:
 * it says nothing of how the service behaves.
 */
class RequestRecorder {
  readonly requests: [string, object][] = [];
  readonly #answers: Map<string, (object | Error)[]>;

  constructor(answers: Answers) {
    this.#answers = new Map(Object.entries(answers).map(([name, each]) => [name, [...each]]));
  }

  async send(command: { input: object; constructor: { name: string } }): Promise<never> {
    const { name } = command.constructor;
    this.requests.push([name, command.input]);
    const answer = this.#answers.get(name)?.shift();
    if (answer === undefined) throw new Error(`no answer is recorded for ${name}`);
    if (answer instanceof Error) throw answer;
    return answer as never;
  }
}

const named = (name: string) => Object.assign(new Error("with an account number in it"), { name });
const keyAnswers = {
  DescribeKeyCommand: [{ KeyMetadata: { CreationDate: MADE } }],
  GetPublicKeyCommand: [{ PublicKey: Uint8Array.from(SPKI) }],
};
/** KMS answers in DER, with s in either half. */
function derSignature(high: boolean): Uint8Array {
  const { r, s } = secp256k1.Signature.fromBytes(
    secp256k1.sign(DIGEST, SECRET, { prehash: false }),
    "compact",
  );
  return new secp256k1.Signature(r, high ? secp256k1.Point.Fn.ORDER - s : s).toBytes("der");
}
function recorded(answers: Answers) {
  const recorder = new RequestRecorder(answers);
  return { keys: new AwsKmsKeys(OPTIONS, recorder), requests: recorder.requests };
}

describe("AWS KMS adapter: the requests it builds (the service itself is untested)", () => {
  it("reads a key by its alias; a version's dot is a slash there", async () => {
    const { keys, requests } = recorded(keyAnswers);
    expect(await keys.info("signer.v2")).to.deep.equal({
      name: "signer.v2",
      algorithm: "secp256k1",
      publicKey: PUBLIC_KEY,
      address: "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
      createdAt: MADE.toISOString(),
    });
    const KeyId = "alias/proofx/signer/v2";
    expect(requests).to.deep.equal([
      ["DescribeKeyCommand", { KeyId }],
      ["GetPublicKeyCommand", { KeyId }],
    ]);
  });

  it("has the digest itself signed, and makes Ethereum's signature of the answer", async () => {
    for (const high of [false, true]) {
      const { keys, requests } = recorded({
        ...keyAnswers,
        SignCommand: [{ Signature: derSignature(high) }],
      });
      const signature = await keys.signDigest("signer", DIGEST);
      expect(recoverAddress(DIGEST, Signature.from({ ...signature }))).to.equal(
        "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
      );
      expect(requests.at(-1)).to.deep.equal([
        "SignCommand",
        {
          KeyId: "alias/proofx/signer",
          Message: DIGEST,
          MessageType: "DIGEST",
          SigningAlgorithm: "ECDSA_SHA_256",
        },
      ]);
    }
  });

  it("refuses a signature by another key than the one it read", async () => {
    const other = secp256k1.sign(DIGEST, fromHex("key", `0x${"02".repeat(32)}`), {
      prehash: false,
      format: "der",
    });
    for (const Signature of [other, new Uint8Array(), undefined]) {
      const { keys } = recorded({ ...keyAnswers, SignCommand: [{ Signature }] });
      expect(await rejection(keys.signDigest("signer", DIGEST))).to.be.instanceOf(CheckError);
    }
  });

  it("makes a key for signing on secp256k1, then its alias", async () => {
    const { keys, requests } = recorded({
      ...keyAnswers,
      CreateKeyCommand: [{ KeyMetadata: { KeyId: "key-id" } }],
      CreateAliasCommand: [{}],
    });
    await keys.create("signer", "secp256k1");
    expect(requests.slice(0, 2)).to.deep.equal([
      [
        "CreateKeyCommand",
        { KeySpec: "ECC_SECG_P256K1", KeyUsage: "SIGN_VERIFY", Description: "ProofX key signer" },
      ],
      ["CreateAliasCommand", { AliasName: "alias/proofx/signer", TargetKeyId: "key-id" }],
    ]);
  });

  it("has a key wrapped for a name and a purpose that its log shows as a hash, and opens the answer", async () => {
    const described = { KeyMetadata: { KeySpec: "SYMMETRIC_DEFAULT", CreationDate: MADE } };
    const [KeyId, aad] = ["alias/proofx/master", new Uint8Array(3)];
    const EncryptionContext = { proofx: toHex(wrapContext("master", aad)) };
    const CiphertextBlob = Uint8Array.from([1, 2, 3]);
    const Plaintext = Uint8Array.from([...new Uint8Array(32), ...DIGEST]);
    const { keys, requests } = recorded({
      DescribeKeyCommand: [described, described, described, described],
      EncryptCommand: [{ CiphertextBlob }],
      DecryptCommand: [{ Plaintext }, { Plaintext: DIGEST }, named("InvalidCiphertextException")],
    });
    const wrapped = await keys.wrapKey("master", DIGEST, aad);
    expect(await keys.unwrapKey("master", wrapped, aad)).to.deep.equal(DIGEST);
    expect(requests.filter(([name]) => name !== "DescribeKeyCommand")).to.deep.equal([
      ["EncryptCommand", { KeyId, Plaintext, EncryptionContext }],
      ["DecryptCommand", { KeyId, CiphertextBlob, EncryptionContext }],
    ]);
    for (const _ of ["an answer that commits to no key", "a refusal"])
      expect(await rejection(keys.unwrapKey("master", wrapped, aad))).to.be.instanceOf(CheckError);
  });

  it("never moves an alias that is taken, and deletes the key it made for it", async () => {
    const { keys, requests } = recorded({
      CreateKeyCommand: [{ KeyMetadata: { KeyId: "key-id" } }],
      CreateAliasCommand: [named("AlreadyExistsException")],
      ScheduleKeyDeletionCommand: [{}],
    });
    expect(await rejection(keys.create("signer", "secp256k1"))).to.be.instanceOf(RefusedError);
    expect(requests.at(-1)).to.deep.equal([
      "ScheduleKeyDeletionCommand",
      { KeyId: "key-id", PendingWindowInDays: 7 },
    ]);
  });

  it("lists its own aliases over all pages, and nobody else's", async () => {
    const answers = {
      DescribeKeyCommand: [keyAnswers.DescribeKeyCommand[0], keyAnswers.DescribeKeyCommand[0]],
      GetPublicKeyCommand: [keyAnswers.GetPublicKeyCommand[0], keyAnswers.GetPublicKeyCommand[0]],
      ListAliasesCommand: [
        {
          Aliases: [{ AliasName: "alias/aws/s3" }, { AliasName: "alias/proofx/signer/v2" }],
          Truncated: true,
          NextMarker: "more",
        },
        { Aliases: [{ AliasName: "alias/proofx/signer" }, { AliasName: "alias/proofx/Other" }] },
      ],
    } as Answers;
    const { keys, requests } = recorded(answers);
    expect((await keys.list()).map(({ name }) => name)).to.deep.equal(["signer", "signer.v2"]);
    expect(requests.slice(0, 2)).to.deep.equal([
      ["ListAliasesCommand", {}],
      ["ListAliasesCommand", { Marker: "more" }],
    ]);
  });

  it("refuses ed25519, names no alias can hold, and keys on another curve", async () => {
    const { keys, requests } = recorded({
      ...keyAnswers,
      GetPublicKeyCommand: [{ PublicKey: Uint8Array.from([0x30, 0x59, ...new Uint8Array(89)]) }],
    });
    for (const attempt of [
      keys.create("agent", "ed25519"),
      keys.signMessage("agent"),
      keys.info("a..b"),
      keys.info("a."),
      keys.info("../x"),
    ])
      expect(await rejection(attempt)).to.be.instanceOf(InputError);
    expect(requests).to.deep.equal([]);
    expect(await rejection(keys.info("p256"))).to.be.instanceOf(CheckError);
  });

  it("says which error it met and nothing of its text, which may hold account numbers", async () => {
    const missing = recorded({ DescribeKeyCommand: [named("NotFoundException")] });
    expect(await rejection(missing.keys.info("signer"))).to.be.instanceOf(InputError);
    const denied = recorded({ DescribeKeyCommand: [named("AccessDeniedException")] });
    const error = await rejection(denied.keys.info("signer"));
    expect(error).to.be.instanceOf(UnavailableError);
    expect(error.message).to.equal("AWS KMS: signer: AccessDeniedException");
  });

  it("lists its keys beside one of another kind under the same prefix", async () => {
    const { keys } = recorded({
      ListAliasesCommand: [
        { Aliases: [{ AliasName: "alias/proofx/data" }, { AliasName: "alias/proofx/signer" }] },
      ],
      DescribeKeyCommand: [
        { KeyMetadata: { KeySpec: "RSA_2048", CreationDate: MADE } },
        ...keyAnswers.DescribeKeyCommand,
      ],
      GetPublicKeyCommand: keyAnswers.GetPublicKeyCommand,
    });
    expect((await keys.list()).map(({ name }) => name)).to.deep.equal(["signer"]);
  });
});
