import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { aleoSignatures } from "../../../src/aleo/signatures.ts";
import {
  ALEO_SCHEMAS,
  type AleoSignatures,
  bindingHash,
  bindingToJson,
  isAleoAddress,
  parseBinding,
  parseStakeRecord,
  parseTrustRecord,
  parseUnbinding,
  recordCommandId,
  recordToJson,
  unbindingHash,
  unbindingToJson,
  verifyBinding,
} from "../../../src/core/aleo/index.ts";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { CheckError, InputError } from "../../../src/core/errors.ts";
import { streamId } from "../../../src/core/log/index.ts";
import { compileSchema } from "../../../src/sequencer/schemas/compile.ts";
import { AGENT_SIGNER, aleoSigner, BINDING, VECTORS } from "./support.ts";

const { bound, unbound, trust, stake } = VECTORS;

describe("aleo: agreement with an independent generator (test/vectors/aleo/make.py)", () => {
  let signatures: AleoSignatures;
  before(async () => {
    signatures = await aleoSignatures();
  });

  it("gives the same hashes and commands", () => {
    expect(toHex(streamId(VECTORS.tenant_id, VECTORS.store_id))).to.equal(bound.stream_id);
    expect(toHex(bindingHash(BINDING))).to.equal(VECTORS.binding_hash);
    expect(toHex(unbindingHash(bindingHash(BINDING)))).to.equal(VECTORS.unbinding_hash);
    expect([0, 1].map((index) => recordCommandId(parseTrustRecord(trust), index))).to.deep.equal(
      VECTORS.trust_commands,
    );
    expect(recordCommandId(parseStakeRecord(stake), 0)).to.equal(VECTORS.stake_command);
  });

  it("signs the same with the agent's key, and both signatures hold", async () => {
    expect(toHex(await AGENT_SIGNER.sign(bindingHash(BINDING)))).to.equal(bound.agent_signature);
    verifyBinding(BINDING, AGENT_SIGNER.publicKey, signatures);
    const { aleoAddress, aleoSignature = "" } = parseUnbinding(unbound);
    expect(signatures.verify(aleoAddress, unbindingHash(bindingHash(BINDING)), aleoSignature)).to.equal(true);
  });

  it("writes every payload back as it was read, and the log's schemas take it", () => {
    expect(bindingToJson(parseBinding(bound))).to.deep.equal(bound);
    expect(unbindingToJson(parseUnbinding(unbound))).to.deep.equal(unbound);
    expect(recordToJson(parseTrustRecord(trust))).to.deep.equal(trust);
    expect(recordToJson(parseStakeRecord(stake))).to.deep.equal(stake);
    const types = [
      "aleo.identity.bound",
      "aleo.identity.unbound",
      "aleo.trust.recorded",
      "aleo.stake.changed",
    ];
    expect(Object.keys(ALEO_SCHEMAS)).to.deep.equal(types);
    const { aleo_signature: _, ...byAgent } = unbound;
    const { amount, ...without } = stake;
    const slashed = { ...without, change: "slashed" };
    expect(recordToJson(parseStakeRecord(slashed))).to.deep.equal(slashed);
    expect(() => parseStakeRecord({ ...slashed, amount })).to.throw(InputError, "unless it was slashed");
    expect(compileSchema(ALEO_SCHEMAS["aleo.stake.changed"]).check({ ...slashed, amount })).to.be.an(
      "object",
    );
    for (const [index, payloads] of [[bound], [unbound, byAgent], [trust], [stake, slashed]].entries()) {
      const { check } = compileSchema(ALEO_SCHEMAS[types[index] ?? ""]);
      for (const payload of payloads) expect(check(payload)).to.equal(undefined);
    }
  });

  it("is shown by docs/formats.md", () => {
    const page = readFileSync(new URL("../../../docs/formats.md", import.meta.url), "utf8");
    const [command = ""] = VECTORS.trust_commands;
    for (const answer of [VECTORS.binding_hash.slice(2), VECTORS.unbinding_hash.slice(2), command])
      expect(page).to.include(` ${answer}\n`);
    expect(page).to.include(String(bound.aleo_address));
  });
});

describe("aleo: what is refused", () => {
  const readers = {
    bound: parseBinding,
    unbound: parseUnbinding,
    trust: parseTrustRecord,
    stake: parseStakeRecord,
  };
  const wrong: readonly [string, unknown][] = [
    ["network", "devnet"],
    ["program", "Registry.aleo"],
    ["program", "registry"],
    ["stream_id", `0x${"AB".repeat(32)}`],
    ["agent_id", "0E1D2C3B-4A59-4687-B7A6-95848372615F"],
    ["agent_key_id", -1],
    ["aleo_address", "aleo1qqq"],
    ["nonce", "0"],
    ["nonce", "01"],
    ["nonce", 1],
    ["expiry", "18446744073709551616000"],
    ["agent_signature", "0x00"],
    ["aleo_signature", "sign1"],
    ["binding_hash", "0x"],
    ["transaction_id", "au1"],
    ["transition_id", String(trust.transaction_id)],
    ["height", 1.5],
    ["trust", 10_001],
    ["attested", 1],
    ["execution_id", "1field"],
    ["proof_hash", "-1"],
    ["change", "burned"],
    ["amount", "1.5"],
    ["unknown", 1],
  ];

  for (const [name, read] of Object.entries(readers)) {
    it(`a payload of ${name} with any field that is missing, wrong or unknown, by reader and schema alike`, () => {
      const payload = VECTORS[name as keyof typeof readers];
      const { check } = compileSchema(Object.values(ALEO_SCHEMAS)[Object.keys(readers).indexOf(name)]);
      const refused = (altered: object) => {
        expect(() => read(altered), JSON.stringify(altered)).to.throw(InputError);
        expect(check(altered), JSON.stringify(altered)).to.not.equal(undefined);
      };
      for (const field of Object.keys(payload)) {
        if (name === "unbound" && field === "aleo_signature") continue;
        const { [field]: _, ...without } = payload;
        refused(without);
      }
      for (const [field, value] of wrong) {
        if (field in payload || field === "unknown") refused({ ...payload, [field]: value });
      }
    });
  }

  it("every other spelling of an address: one letter changed, upper case, another prefix, padding set", () => {
    const address = String(bound.aleo_address);
    expect(isAleoAddress(address)).to.equal(true);
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: address.length - 1 }),
        fc.constantFrom(..."qpzry9x8gf2tvdw0s3jn54khce6mua7l"),
        (place, letter) => {
          fc.pre(address[place] !== letter);
          return !isAleoAddress(address.slice(0, place) + letter + address.slice(place + 1));
        },
      ),
    );
    for (const other of [address.toUpperCase(), address.replace("aleo1", "oela1"), `${address}q`, PADDED, ""])
      expect(isAleoAddress(other)).to.equal(false);
  });

  it("an element that the field does not have", () => {
    const order = "8444461749428370424248824938781546531375899335154063827935233455917409239041";
    expect(() => parseTrustRecord({ ...trust, execution_id: order })).to.throw(InputError, "Aleo's field");
    parseTrustRecord({ ...trust, execution_id: String(BigInt(order) - 1n) });
  });
});

describe("aleo: a binding's signatures", () => {
  let signatures: AleoSignatures;
  before(async () => {
    signatures = await aleoSignatures();
  });
  const refuses = (binding: typeof BINDING, why: string, key = AGENT_SIGNER.publicKey) =>
    expect(() => verifyBinding(binding, key, signatures)).to.throw(CheckError, why);

  it("do not hold for another network, program, stream, agent, nonce or expiry", () => {
    refuses({ ...BINDING, network: "mainnet" }, "agent_signature");
    refuses({ ...BINDING, program: "agent_registry_v4.aleo" }, "agent_signature");
    refuses({ ...BINDING, streamId: new Uint8Array(32) }, "agent_signature");
    refuses({ ...BINDING, agentId: VECTORS.tenant_id }, "agent_signature");
    refuses({ ...BINDING, nonce: 2n }, "agent_signature");
    refuses({ ...BINDING, expiry: BINDING.expiry + 1n }, "agent_signature");
  });

  it("are two: neither key binds without the other", async () => {
    const other = await aleoSigner(8);
    const hash = bindingHash(BINDING);
    refuses({ ...BINDING, agentSignature: new Uint8Array(64) }, "agent_signature");
    refuses(BINDING, "agent_signature", new Uint8Array(32).fill(1));
    refuses({ ...BINDING, aleoSignature: await other.sign(hash) }, "aleo_signature");
    const own = await (await aleoSigner(7)).sign(fromHex("hash", VECTORS.unbinding_hash, 32));
    refuses({ ...BINDING, aleoSignature: own }, "aleo_signature");
  });

  it("are false when malformed, and the next good one still holds", () => {
    const { aleoAddress, aleoSignature } = BINDING;
    const hash = bindingHash(BINDING);
    const malformed = [
      "",
      "sign1",
      `${aleoSignature}q`,
      aleoSignature.toUpperCase(),
      String(trust.transaction_id),
    ];
    for (const text of malformed) expect(signatures.verify(aleoAddress, hash, text)).to.equal(false);
    // Good checksums around what is no point of the curve, which the library answers with a panic.
    expect(signatures.verify(NO_POINT, hash, aleoSignature)).to.equal(false);
    expect(signatures.verify(aleoAddress, hash, NO_SIGNATURE)).to.equal(false);
    expect(signatures.verify(aleoAddress, hash, aleoSignature)).to.equal(true);
  });
});

/** The vectors' address with a bit of padding set, under a good checksum. */
const PADDED = "aleo1vlklqexj7vrs3vrw77agv5cxucqje6yuuu6lyvgteww3utzlnvr3lpt4kk";
/** bech32m of 32 and of 128 bytes of 0xff. */
const NO_POINT = "aleo1lllllllllllllllllllllllllllllllllllllllllllllllllllsnp34t0";
const NO_SIGNATURE =
  "sign1llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll7djh996";
