import assert from "node:assert/strict";
import { type KnownCommand, type KnownCommands, knownCommands } from "../../scripts/checks/commands/known.ts";
import { faultOf, typedCommands } from "../../scripts/checks/commands/typed.ts";
import { failureUnheard } from "../../scripts/checks/commands/unheard.ts";

const command = (options: readonly string[], takesWords = false, group = false): KnownCommand => ({
  options: new Set(options),
  takesWords,
  group,
});

const KNOWN: KnownCommands = new Map([
  ["hardhat roles", command(["help"], false, true)],
  ["hardhat roles grant", command(["network", "account", "out"])],
  ["hardhat", command([], false, true)],
  ["proofx", command([], false, true)],
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

describe("steps of runbooks whose program fails", () => {
  for (const line of [
    'if npx hardhat roles list | grep -i "$ACCOUNT"; then exit 1; fi',
    "if ! npx proofx health; then echo ill; fi",
    "! npx hardhat roles list | grep x",
    'npx hardhat roles list | grep -i "$ACCOUNT" || echo none',
    "npx hardhat roles list \\\n  | grep x || echo none",
    "N=$(npx hardhat roles list --json 2> /dev/null | sort | grep -c x || true)",
  ])
    it(`are refused where that passes for an answer: ${line}`, () =>
      assert.match(failureUnheard(line) ?? "", /passes for an answer/));

  for (const line of [
    'LIST=$(npx hardhat roles list) && ! grep -i "$ACCOUNT" <<< "$LIST" && echo none',
    'LIST=$(npx hardhat roles list) && { grep x <<< "$LIST" || echo none; }',
    "npx hardhat roles list | grep x",
    "npx hardhat roles list || exit 1",
    "if test -f here; then npx hardhat roles list; fi",
  ])
    it(`pass where it is heard: ${line}`, () => assert.equal(failureUnheard(line), undefined));
});
