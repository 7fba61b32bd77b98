import {
  type ChangeContext,
  findOperation,
  listOperations,
  type Operation,
} from "../../src/chain/changes/index.ts";
import { InputError } from "../../src/core/errors.ts";

/**
 * The operation a person named, or the only one that waits or is ready.
 *
 * @throws InputError when none was named and there is not exactly one.
 */
export async function chooseOperation(context: ChangeContext, id: string | undefined): Promise<Operation> {
  if (id !== undefined) return findOperation(context, id);
  const open = (await listOperations(context)).filter(
    ({ state }) => state.name === "waiting" || state.name === "ready",
  );
  const [first, second] = open;
  if (first !== undefined && second === undefined) return first;
  throw InputError.expected(
    "--operation",
    `the id of an operation: ${open.length} wait or are ready`,
    undefined,
    "npx hardhat upgrade list",
  );
}
