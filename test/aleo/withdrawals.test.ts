import { expect } from "chai";
import type { ObservedTransaction } from "../../src/aleo/activity.ts";
import { type Failure, groupFailures } from "../../src/aleo/failures.ts";
import { heldWithdrawals, processInputs, ticketsIn, type Withdrawal } from "../../src/aleo/withdrawals.ts";

const REGISTRY = "agent_registry_v3.aleo";
const OWNER = "aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px";

const call = (name: string, inputs: readonly string[], accepted = true): ObservedTransaction => ({
  id: "at1",
  height: 1,
  time: 1,
  accepted,
  kind: "execute",
  calls: [{ program: REGISTRY, function: name, inputs }],
  fee: 1n,
});

describe("withdrawals of the registry", () => {
  it("are found by every call that makes a ticket, accepted ones only, each once", () => {
    const calls = [
      call("request_withdrawal", ["7field", "5u64", "1field"]),
      call("request_withdrawal", ["7field", "5u64", "2field"], false),
      call("migrate_withdrawal", ["3field", "7field"]),
      call("increase_stake", ["7field", "5u64"]),
      call("request_withdrawal", ["7field", "5u64", "1field"]),
    ];
    expect(ticketsIn(calls, REGISTRY)).to.deep.equal(["1field", "3field"]);
    expect(ticketsIn(calls, "another.aleo")).to.deep.equal([]);
  });

  it("can be paid from the block at their height on, and not while their agent is frozen, up to its last height", async () => {
    const entry = (agent: string, readyAt: number) =>
      `{\n  agent: ${agent},\n  holder: ${OWNER},\n  amount: 5u64,\n  ready_at: ${readyAt}u32\n}`;
    const mappings: Record<string, string> = {
      "withdrawals 1field": entry("7field", 101),
      "withdrawals 2field": entry("7field", 102),
      "withdrawals 3field": entry("8field", 50),
      "withdrawals 4field": entry("9field", 60),
      "freezes 8field": "{ slash: 1field, until: 101u32 }",
      "freezes 9field": "{ slash: 1field, until: 100u32 }",
    };
    const ledger = {
      mapping: async (_program: string, mapping: string, key: string) => mappings[`${mapping} ${key}`],
    };
    const tickets = ["1field", "2field", "3field", "4field", "5field"];
    const held = await heldWithdrawals(ledger, REGISTRY, tickets, 100);
    expect(held.map(({ ticket, state }) => `${ticket} ${state}`)).to.deep.equal([
      "3field frozen",
      "4field ready",
      "1field ready",
      "2field waiting",
    ]);
    expect(held[0]).to.include({ frozenUntil: 101, amount: 5n, owner: OWNER });
  });

  it("fill a batch of five, with nothing at the places that are left over", () => {
    const withdrawal = (ticket: string): Withdrawal => ({
      ticket,
      agent: "7field",
      owner: OWNER,
      amount: 5n,
      readyAt: 1,
      state: "ready",
    });
    expect(processInputs([withdrawal("1field"), withdrawal("2field")])).to.deep.equal([
      "[1field, 2field, 0field, 0field, 0field]",
      `[${new Array(5).fill(OWNER).join(", ")}]`,
      "[5u64, 5u64, 0u64, 0u64, 0u64]",
      "2u8",
    ]);
  });
});

describe("failures of the programs", () => {
  const failure = (name: string, reason: string): Failure => ({
    transaction: call(name, []),
    function: name,
    reason,
    basis: "the state before its block",
  });

  it("are counted by function and reason, whatever the agents and accounts, the most frequent first", () => {
    const groups = groupFailures([
      failure("pause", `roles[0u8] (${OWNER}) and another`),
      failure("claim", "withdrawals has no entry 1field"),
      failure("claim", "withdrawals has no entry 22field"),
      failure("claim", "gte(block.height, 140u32) is false"),
    ]);
    expect(groups.map(({ function: name, count }) => [name, count])).to.deep.equal([
      ["claim", 2],
      ["pause", 1],
      ["claim", 1],
    ]);
  });
});
