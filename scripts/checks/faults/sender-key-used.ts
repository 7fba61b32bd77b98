import { BusyRelayer, isFinal } from "../runbook/busy-relayer.ts";
import { type Fault, STRANGER } from "../runbook/fault.ts";
import { freshProof } from "../runbook/fresh-proofs.ts";
import type { LoopbackServer } from "../runbook/loopback.ts";
import { startRpcFront } from "../runbook/rpc-front.ts";

let node: LoopbackServer | undefined;
let relayer: BusyRelayer | undefined;
/** While it is set, transactions get lost on their way. */
let loses = true;

export const fault: Fault = {
  what: "somebody sends with the key of the relayer's sender before the relayer's own transaction gets through",
  async before(stage) {
    loses = true;
    node = await startRpcFront(stage.env.RPC ?? "", ({ method }) =>
      loses && method === "eth_sendRawTransaction" ? `0x${"00".repeat(32)}` : undefined,
    );
    relayer = await BusyRelayer.start(stage, { node: node.url });
  },
  async inject(stage) {
    const { submitter = "" } = stage.addresses;
    const id = (await relayer?.submit(await freshProof(stage))) ?? "";
    await relayer?.until(id, ({ state }) => state === "sent");
    await stage.chain.send(submitter, STRANGER, "approve(address,uint256)", STRANGER, 1n);
    loses = false;
    await relayer?.until(id, isFinal);
    return {};
  },
  async clear() {
    await relayer?.stop();
    node?.close();
  },
};
