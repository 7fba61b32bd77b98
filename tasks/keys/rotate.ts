import { matchesPattern, RotationRecords, retireKey, rotateKey } from "../../src/keys/index.ts";
import { stepsAfterRotation } from "../../src/ops/rotation/index.ts";
import { configuredKeys, keysConfiguration } from "../support/keys.ts";
import { action, required, type TaskResult } from "../support/task.ts";

interface RotateArguments {
  readonly name: string | undefined;
  readonly retire: boolean;
}

/** Makes a key's successor, or writes down that the old one is out of use. Nothing happens on a chain. */
export async function rotate(args: RotateArguments): Promise<TaskResult> {
  const name = required("name", args.name, "the name of the key to rotate");
  const { keys, folder } = configuredKeys();
  const records = new RotationRecords(folder);
  if (args.retire) {
    const { from, to, retiredAt } = await retireKey(keys, records, name);
    const lines = [
      `Key "${from.name}" is retired since ${retiredAt}; "${to.name}" is in use`,
      "  the old key stays where it is until you delete it",
    ];
    return { data: { status: "retired", from, to, retiredAt }, lines };
  }
  const { from, to, replacedAt } = await rotateKey(keys, records, name);
  const next = [
    ...stepsAfterRotation(from, to, isSigner(from.name)),
    `npx hardhat keys rotate --name ${from.name} --retire`,
  ];
  const lines = [
    `Key "${to.name}" replaces "${from.name}" since ${replacedAt}; nothing was sent to any chain`,
    `  old  ${from.address ?? from.publicKey}`,
    `  new  ${to.address ?? to.publicKey}`,
    "Next, in this order:",
    ...next.map((step, i) => `  ${i + 1}. ${step}`),
  ];
  return { data: { status: "pending", from, to, replacedAt, next }, lines };
}

function isSigner(name: string): boolean {
  const { signers } = keysConfiguration().schedule;
  return signers?.keys.some((pattern) => matchesPattern(pattern, name)) ?? false;
}

export default action(rotate);
