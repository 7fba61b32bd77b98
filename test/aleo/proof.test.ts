import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { AleoAccount } from "../../src/aleo/account.ts";
import { parametersFor, proving } from "../../src/aleo/proving.ts";
import { type AleoSdk, loadSdk } from "../../src/aleo/sdk.ts";
import { decodeBech32m, encodeBech32m } from "../../src/core/bech32m.ts";
import { UnavailableError } from "../../src/core/errors.ts";

const SOURCE = readFileSync(new URL("../../leo/agent_registry/build/main.aleo", import.meta.url), "utf8");
/** It moves money, and fits the powers that are at hand: 13,903 constraints. */
const FUNCTION = "request_withdrawal";
const INPUTS = ["7field", "1000u64", "9field"];
const STRANGER = "aleo1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq3ljyzc";
/** Any root: without records nothing is proven about it, but it is bound to the proof. */
const STATE_ROOT = "sr1dz06ur5spdgzkguh4pr42mvft6u3nwsg5drh9rdja9v8jpcz3czsls9geg";
const HEIGHT = 100;

interface Execution {
  transitions: {
    program: string;
    function: string;
    inputs: { type: string; id: string; value: string }[];
    outputs: { type: string; id: string; value: string }[];
    scm: string;
    tcm: string;
  }[];
  global_state_root: string;
  proof: string;
}

describe("A zero-knowledge proof of the agent registry, made and checked without a network", function () {
  this.timeout(1_200_000);
  let sdk: AleoSdk;
  let account: AleoAccount;
  let text: string;
  let key: ReturnType<AleoSdk["VerifyingKey"]["fromString"]>;

  const prove = (name: string, inputs: readonly string[]) => {
    const query = sdk.QueryOption.offlineQuery(new sdk.OfflineQuery(HEIGHT, STATE_ROOT));
    const none = undefined;
    return proving(parametersFor({ folder: "build/no-such-folder" }), () =>
      account.withPrivateKey((privateKey) =>
        sdk.ProgramManagerBase.executeFunctionOffline(
          privateKey,
          SOURCE,
          name,
          [...inputs],
          true,
          true,
          none,
          none,
          none,
          none,
          query,
          0,
        ),
      ),
    );
  };

  // One proof for all tests; it takes more than a minute of processor.
  before(async () => {
    sdk = await loadSdk();
    sdk.getOrInitConsensusVersionTestHeights();
    account = AleoAccount.of(sdk.PrivateKey.from_seed_unchecked(new Uint8Array(32).fill(7)));
    const response = await prove(FUNCTION, INPUTS);
    text = response.getExecution()?.toString() ?? "";
    key = response.getVerifyingKey();
  });

  const holds = (execution: string, by = key): boolean => {
    try {
      return sdk.verifyFunctionExecution(
        sdk.FunctionExecution.fromString(execution),
        by.copy(),
        sdk.Program.fromString(SOURCE),
        FUNCTION,
        undefined,
        undefined,
        HEIGHT,
      );
    } catch (error) {
      // What is no proof at all is refused before it is checked.
      assert.match(String(error), /deserialize|invalid|expected|parse|mismatch|fail|not exist/i);
      return false;
    }
  };
  const holdsUnder = (bytes: Uint8Array): boolean => {
    try {
      return holds(text, sdk.VerifyingKey.fromBytes(bytes));
    } catch (error) {
      assert.match(String(error), /deserialize/);
      return false;
    }
  };
  const changed = (change: (execution: Execution) => unknown): string => {
    const execution: Execution = JSON.parse(text);
    change(execution);
    return JSON.stringify(execution);
  };
  const root = (execution: Execution): Execution["transitions"][number] => {
    const [transition] = execution.transitions;
    assert.ok(transition !== undefined);
    return transition;
  };

  it("the proof holds", () => {
    assert.equal(holds(text), true);
  });

  it("its caller is who signed: in another's name it is refused, so nobody withdraws for somebody else", () => {
    const [output] = root(JSON.parse(text)).outputs;
    assert.ok(output?.value.includes(account.address));
    const forged = changed((each) => {
      const future = outputOf(root(each));
      future.value = future.value.replace(account.address, STRANGER);
    });
    assert.equal(holds(forged), false);
    assert.equal(holds(changed((each) => (root(each).scm = root(each).tcm))), false);
  });

  it("another agent, amount or ticket than was signed for: refused", () => {
    for (const [index, other] of ["8field", "1001u64", "10field"].entries()) {
      const before = INPUTS[index] ?? "";
      // As an input, as what the ledger is to run, and as both.
      const asInput = (each: Execution): unknown => (inputAt(root(each), index).value = other);
      const asOutput = (each: Execution): unknown =>
        (outputOf(root(each)).value = outputOf(root(each)).value.replace(new RegExp(`\\b${before}`), other));
      assert.equal(holds(changed(asInput)), false, `${other} as input`);
      assert.equal(holds(changed(asOutput)), false, `${other} as output`);
      const both = changed((each) => {
        asInput(each);
        asOutput(each);
      });
      assert.equal(holds(both), false, `${other} as both`);
    }
  });

  it("a proof with one bit changed, or cut short: refused", () => {
    const { proof } = JSON.parse(text) as Execution;
    const bytes = decodeBech32m("proof", "proof", proof);
    // The first parts are points, and a changed one is mostly none; the later ones are numbers that only the check can refuse.
    for (const at of [100, 300, 500, 700, bytes.length - 60]) {
      const other = Uint8Array.from(bytes);
      other[at] = (other[at] ?? 0) ^ 1;
      assert.equal(
        holds(changed((each) => (each.proof = encodeBech32m("proof", other)))),
        false,
        `byte ${at}`,
      );
    }
    const short = encodeBech32m("proof", bytes.slice(0, -40));
    assert.equal(holds(changed((each) => (each.proof = short))), false);
    assert.equal(holds(changed((each) => (each.proof = encodeBech32m("proof", bytes)))), true);
  });

  it("it is no proof of another function, of a changed program, or under another verifying key", () => {
    assert.equal(holds(changed((each) => (root(each).function = "increase_stake"))), false);
    assert.equal(holds(changed((each) => (root(each).program = "agent_registry_v4.aleo"))), false);
    const bytes = key.toBytes();
    // The first bytes count the circuit's inputs and constraints, the others are points of a curve.
    for (const at of [20, 300]) {
      const other = Uint8Array.from(bytes);
      other[at] = (other[at] ?? 0) ^ 1;
      assert.equal(holdsUnder(other), false, `byte ${at} of the key`);
    }
  });

  it("a function that is too large for the parameters at hand is refused, and the file it wants is named", async () => {
    const metrics =
      "{ accuracy_rate: 9000u32, success_rate: 8500u32, avg_latency_ms: 250u32, total_executions: 1000u32 }";
    await assert.rejects(
      prove("verify_agent", ["7field", metrics, "1scalar", "8000u32"]),
      (error: unknown) => error instanceof UnavailableError && /powers-of-beta-17\.usrs/.test(error.message),
    );
  });
});

function outputOf({ outputs }: Execution["transitions"][number]): { value: string } {
  const [output] = outputs;
  assert.ok(output !== undefined);
  return output;
}

function inputAt(transition: Execution["transitions"][number], index: number): { id: string; value: string } {
  const input = transition.inputs[index];
  assert.ok(input !== undefined);
  return input;
}
