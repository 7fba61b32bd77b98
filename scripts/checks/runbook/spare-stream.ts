import { Interface, id } from "ethers";
import type { Stage } from "./stage.ts";

/** A stream on the chain alone, whose batches become mature after an hour. */
export interface SpareStream {
  readonly id: string;
  /** Its store's id; the tenant is the stage's. */
  readonly store: string;
  /** Anchors one more batch of eight events that no log has. */
  anchor(): Promise<void>;
  /** How many it has. */
  batches(): Promise<number>;
}

const STORE = "570e0000-0000-4000-8000-0000000000aa";
const HEAD = new Interface([
  "function head(bytes32) view returns (tuple(address anchorer, uint64 batchIndex, uint64 end, bytes32 stateRoot, uint32 maturityDelay, uint32 epoch))",
]);
const ANCHOR =
  "anchor(bytes32, tuple(uint64 startSequence, uint64 endSequence, uint32 count, bytes32 batchRoot, bytes32 factsRoot, bytes32 logRoot), bytes32)";

/** Opens it, unless an earlier rehearsal on the same stage did; the deployer's account anchors, which has no other duty. */
export async function openSpareStream(stage: Stage): Promise<SpareStream> {
  const opened = await stage.sh(
    `npx hardhat stream open --network "$NETWORK" --tenant "$TENANT" --store ${STORE} --anchorer "$DEPLOYER" --maturity 3600 --key admin --json 2> /dev/null`,
  );
  const { streamId } = JSON.parse(opened.slice(opened.indexOf("{"))) as { streamId: string };
  const { registry = "", deployer = "" } = stage.addresses;
  const head = () => headOf(stage, streamId);
  return {
    id: streamId,
    store: STORE,
    batches: async () => Number((await head()).batchIndex),
    async anchor() {
      const { end, stateRoot } = await head();
      const root = id(`nobody's batch after ${end}, ${Date.now()}`);
      // A facts root is a number below the field's order.
      const factsRoot = `0x00${root.slice(4)}`;
      const batch = [end + 1n, end + 8n, 8n, root, factsRoot, root];
      await stage.chain.send(deployer, registry, ANCHOR, streamId, batch, stateRoot);
    },
  };
}

/** A stream's head on the chain: sequences up to `end` are anchored. */
export async function headOf(
  stage: Stage,
  streamId: string,
): Promise<{ readonly end: bigint; readonly batchIndex: bigint; readonly stateRoot: string }> {
  const data = HEAD.encodeFunctionData("head", [streamId]);
  const to = stage.addresses.registry;
  const answer = (await stage.chain.rpc("eth_call", { to, data }, "latest")) as string;
  return HEAD.decodeFunctionResult("head", answer)[0];
}
