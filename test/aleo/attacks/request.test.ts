import assert from "node:assert/strict";
import { type AleoAccount, accountOfPrivateKey } from "../../../src/aleo/account.ts";
import { DEVELOPMENT_KEYS } from "../../../src/aleo/development-keys.ts";
import { type AleoSdk, loadSdk } from "../../../src/aleo/sdk.ts";
import { KNOWN_SCORE, type Metrics, metrics, SALT } from "./inputs.ts";
import { authorizationOf, authorizeLocally, REGISTRY, SOURCES } from "./world.ts";

interface Request {
  signer: string;
  function: string;
  inputs: string[];
  input_ids: { type: string; id: string }[];
  signature: string;
  tcm: string;
  scm: string;
}

const WITHDRAWAL = ["501field", "1000u64", "9501field"];
const TYPES = ["field.public", "u64.public", "field.public"];

/**
 * What a call is before it reaches a ledger. A development ledger takes calls without proofs, so that a caller is who signed
 * is shown here and in the proof's own test.
 */
describe("Calls of the Aleo programs, forged before they are sent", function () {
  this.timeout(120_000);
  let sdk: AleoSdk;
  let alice: AleoAccount;
  let eve: AleoAccount;

  before(async () => {
    sdk = await loadSdk();
    sdk.getOrInitConsensusVersionTestHeights();
    [alice, eve] = (await Promise.all(DEVELOPMENT_KEYS.slice(1, 3).map(accountOfPrivateKey))) as [
      AleoAccount,
      AleoAccount,
    ];
  });

  const signed = async (by: AleoAccount, inputs = WITHDRAWAL): Promise<Request> => {
    const authorization = await authorizationOf(sdk, by, REGISTRY, "request_withdrawal", inputs);
    const { requests }: { requests: Request[] } = JSON.parse(authorization.toString());
    assert.ok(requests[0] !== undefined);
    return requests[0];
  };
  const holds = (request: Request, source = SOURCES[REGISTRY] ?? ""): boolean => {
    try {
      // The text of the program is part of what is signed: 252 bits of its checksum, as many as a field holds.
      const checksum = Buffer.from(sdk.programChecksum(source)).reverse().toString("hex");
      const field = sdk.Field.fromString(`${BigInt(`0x${checksum}`) & (2n ** 252n - 1n)}field`);
      return sdk.ExecutionRequest.fromString(JSON.stringify(request)).verify(TYPES, true, field);
    } catch (error) {
      assert.match(String(error), /invalid|mismatch|fail|verify|request/i);
      return false;
    }
  };

  it("a call is its signer's: with another's name on it, it does not verify", async () => {
    const mine = await signed(alice);
    const hers = await signed(eve);
    assert.equal(holds(mine), true);
    assert.equal(holds(hers), true);
    assert.equal(holds({ ...hers, signer: alice.address }), false);
    assert.equal(holds({ ...hers, signer: alice.address, scm: mine.scm }), false);
    assert.equal(holds({ ...hers, signature: mine.signature }), false);
    assert.equal(holds({ ...hers, signer: alice.address, signature: mine.signature, scm: mine.scm }), false);
  });

  it("a call that was signed for other inputs, or another function, does not verify", async () => {
    const request = await signed(alice);
    for (const [index, other] of ["502field", "1001u64", "9502field"].entries()) {
      const inputs = request.inputs.with(index, other);
      assert.equal(holds({ ...request, inputs }), false, other);
      // With the ids that belong to those inputs.
      const { input_ids } = await signed(eve, WITHDRAWAL.with(index, other));
      assert.equal(holds({ ...request, inputs, input_ids }), false, `${other} with its id`);
    }
    assert.equal(holds({ ...request, function: "claim_withdrawal" }), false);
  });

  it("a call that was signed for one text of a program is none of another text, as after an upgrade", async () => {
    const request = await signed(alice);
    const other = (SOURCES[REGISTRY] ?? "").replace("1000000000u64", "1000000001u64");
    assert.notEqual(other, SOURCES[REGISTRY]);
    assert.equal(holds(request), true);
    assert.equal(holds(request, other), false);
  });

  it("a call names its caller by itself: nobody passes an owner in", async () => {
    const future = await authorizeLocally(sdk, eve, REGISTRY, "request_withdrawal", WITHDRAWAL);
    assert.ok(future.arguments.includes(eve.address));
    assert.ok(!future.arguments.includes(alice.address));
  });

  it("metrics of 10,000 count, of 10,001 have no proof, nor what would overflow", async () => {
    const register = (changed: Partial<Metrics>) =>
      authorizeLocally(sdk, alice, REGISTRY, "register_agent", [
        "503field",
        metrics(changed),
        SALT,
        "1000u64",
      ]);
    const verify = (changed: Partial<Metrics>, least: number) =>
      authorizeLocally(sdk, alice, REGISTRY, "verify_agent", [
        "503field",
        metrics(changed),
        SALT,
        `${least}u32`,
      ]);
    const best = { accuracy: 10_000, success: 10_000, latency: 0, executions: 2 ** 32 - 1 };
    assert.ok((await register(best)).arguments.includes("10000u32"));
    assert.ok(
      (await register({ accuracy: 0, success: 0, latency: 10_000, executions: 0 })).arguments.includes(
        "800u32",
      ),
    );
    for (const name of ["accuracy", "success", "latency"] as const) {
      await register({ [name]: 10_000 });
      for (const beyond of [10_001, 2 ** 30, 2 ** 32 - 1]) {
        const attempts = [
          register({ [name]: beyond }),
          verify({ [name]: beyond }, 0),
          authorizeLocally(sdk, alice, REGISTRY, "update_metrics", [
            "503field",
            metrics({ [name]: beyond }),
            SALT,
          ]),
        ];
        for (const attempt of attempts) await assert.rejects(attempt, /assert\.eq/, `${name} ${beyond}`);
      }
    }
    await assert.rejects(register({ accuracy: 2 ** 32 }));
    await verify({}, KNOWN_SCORE);
    await assert.rejects(verify({}, KNOWN_SCORE + 1), /assert\.eq/);
  });
});
