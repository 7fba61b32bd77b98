import assert from "node:assert/strict";
import { type KnownCommand, type KnownCommands, knownCommands } from "../../scripts/checks/commands/known.ts";
import { faultOf, typedCommands } from "../../scripts/checks/commands/typed.ts";

const command = (options: readonly string[], takesWords = false, group = false): KnownCommand => ({
  options: new Set(options),
  takesWords,
  group,
});

const KNOWN: KnownCommands = new Map([
  ["hardhat roles", command(["help"], false, true)],
  ["hardhat roles grant", command(["network", "account", "out"])],
  ["proofx runbook", command([], false, true)],
  ["proofx runbook show", command(["json"], true)],
]);

const faultsOf = (script: string): (string | undefined)[] =>
  typedCommands(script).map((typed) => faultOf(typed, KNOWN));

describe("commands that runbooks name", () => {
  it("pass when the command and each option exist, over several lines and within substitutions", () => {
    const script = `ROLE=$(npx hardhat roles grant --network "$NETWORK" | grep x)
npx hardhat roles grant --network story \\
  --account "$(cat file)" --out grant.json 2> /dev/null && npx proofx runbook show Paused --json`;
    assert.deepEqual(faultsOf(script), [undefined, undefined, undefined]);
  });

  for (const [what, line, expected] of [
    ["a command that nobody has", "npx hardhat rolls grant", /no such command/],
    ["a subcommand that nobody has", "npx hardhat roles give --network x", /roles has no give/],
    ["an option of another command", "npx hardhat roles grant --json", /has no option --json/],
    ["an option with its value attached", "npx hardhat roles grant --acount=0x1", /has no option --acount/],
    ["a word where none may be", "npx hardhat roles grant story", /takes no words/],
    ["a word within a substitution", 'X="$(npx hardhat roles give)"', /has no give/],
  ] as const) {
    it(`are refused: ${what}`, () => assert.match(faultsOf(line)[0] ?? "", expected));
  }

  it("are read from where both programs declare them", async () => {
    const known = await knownCommands();
    assert.ok(known.get("hardhat roles grant")?.options.has("dry-run"));
    assert.ok(known.get("hardhat roles grant")?.options.has("network"));
    assert.ok(known.get("proofx log restore")?.options.has("into"));
    assert.equal(known.get("proofx log restore")?.takesWords, true);
    assert.equal(known.get("hardhat roles")?.group, true);
  });
});
