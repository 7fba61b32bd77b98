import { expect } from "chai";
import { type Block, readBlock } from "../../../src/aleo/replay/blocks.ts";
import { canonicalPlaintext, parseFuture, parsePlaintext } from "../../../src/aleo/replay/plaintext.ts";
import { Replay } from "../../../src/aleo/replay/replay.ts";
import { InputError } from "../../../src/core/errors.ts";

const COUNTER = "counter.aleo";
const OWNER = "aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px";

/** Written as the compiler writes: branches forward, defaults, structs, an array, a constructor. */
const SOURCE = `program counter.aleo;

struct Tally:
    count as u64;
    last as u32;

mapping tallies:
    key as field.public;
    value as Tally.public;

mapping roles:
    key as u8.public;
    value as address.public;

function count:
    input r0 as field.public;
    input r1 as u64.public;
    async count r0 r1 into r2;
    output r2 as counter.aleo/count.future;

finalize count:
    input r0 as field.public;
    input r1 as u64.public;
    cast 0u64 0u32 into r2 as Tally;
    get.or_use tallies[r0] r2 into r3;
    add r3.count r1 into r4;
    gt r4 100u64 into r5;
    branch.eq r5 false to small;
    remove tallies[r0];
    branch.eq true true to end;
    position small;
    cast r4 block.height into r6 as Tally;
    set r6 into tallies[r0];
    position end;

constructor:
    is.eq edition 0u16 into r0;
    branch.eq r0 false to later;
    set program_owner into roles[0u8];
    branch.eq true true to end;
    position later;
    assert.eq roles[0u8] roles[0u8];
    position end;
`.replace(
  "    assert.eq roles[0u8] roles[0u8];\n",
  "    get roles[0u8] into r1;\n    assert.eq r1 program_owner;\n",
);

describe("A replay of blocks", () => {
  it("does what the code of accepted transactions does, branches and removals included", () => {
    const replay = started();
    replay.apply(block(2, call("7field", "60u64", update("7"))));
    expect(tally(replay, "7field")).to.equal("{count:60u64,last:2u32}");
    replay.apply(block(3, call("7field", "40u64", update("7")), call("8field", "1u64", update("8"))));
    expect(tally(replay, "7field")).to.equal("{count:100u64,last:3u32}");
    replay.apply(
      block(4, call("7field", "1u64", [{ type: "remove_key_value", mapping_id: "m1", key_id: "k7" }])),
    );
    expect(tally(replay, "7field")).to.equal(undefined);
    expect(tally(replay, "8field")).to.equal("{count:1u64,last:3u32}");
    expect(replay.point.state.get(COUNTER)?.mappings.get("roles")?.get("0u8")).to.equal(OWNER);
  });

  it("passes over what was rejected", () => {
    const replay = started();
    replay.apply(block(2, { ...call("7field", "60u64", []), status: "rejected" }));
    expect(tally(replay, "7field")).to.equal(undefined);
  });

  it("keeps the entries over an upgrade, and runs the new code from then on", () => {
    const replay = started();
    replay.apply(block(2, call("7field", "60u64", update("7"))));
    replay.apply(block(3, deployment(SOURCE.replace("gt r4 100u64", "gt r4 50u64"), 1, [])));
    expect(tally(replay, "7field")).to.equal("{count:60u64,last:2u32}");
    const removal = [{ type: "remove_key_value", mapping_id: "m1", key_id: "k7" }];
    replay.apply(block(4, call("7field", "1u64", removal)));
    expect(tally(replay, "7field")).to.equal(undefined);
  });

  for (const [what, transaction, words] of [
    ["a change that the ledger does not have", call("7field", "1u64", []), "is none on the ledger"],
    [
      "a change of another kind",
      call("7field", "1u64", [{ type: "remove_key_value", mapping_id: "m1", key_id: "k7" }]),
      "remove_key_value in counter.aleo/tallies on the ledger, update_key_value",
    ],
    [
      "a change in another mapping",
      call("7field", "1u64", [{ type: "update_key_value", mapping_id: "m2", key_id: "k7" }]),
      "counter.aleo/roles",
    ],
    ["an overflow", call("8field", "18446744073709551615u64", update("8")), "does not fit u64"],
    ["another number of arguments", call("7field, 1u8", "1u64", update("7")), "takes 2 arguments, and got 3"],
  ] as const) {
    it(`stops at ${what}, naming block and transaction`, () => {
      const replay = started();
      replay.apply(block(2, call("8field", "60u64", update("8"))));
      expect(() => replay.apply(block(3, transaction as Transaction)))
        .to.throw(words)
        .with.property("message")
        .that.matches(/^block 3, transaction at1/);
      expect(replay.point.height).to.equal(2);
    });
  }

  it("stops at a change under another key than the same one before", () => {
    const replay = started();
    replay.apply(block(2, call("7field", "1u64", update("7"))));
    expect(() => replay.apply(block(3, call("7field", "1u64", update("8"))))).to.throw(
      "another key than counter.aleo/tallies[7field]",
    );
  });

  it("applies a block whole or not at all", () => {
    const replay = started();
    replay.apply(block(2, call("7field", "1u64", update("7"))));
    const removal = [{ type: "remove_key_value", mapping_id: "m1", key_id: "k7" }];
    const faulty = block(
      3,
      call("7field", "200u64", removal),
      call("9field", "1u64", update("9")),
      call("8field", "1u64", []),
    );
    expect(() => replay.apply(faulty)).to.throw("is none on the ledger");
    expect(tally(replay, "7field")).to.equal("{count:1u64,last:2u32}");
    expect(tally(replay, "9field")).to.equal(undefined);
  });

  it("takes no block that does not follow the last, and none of another chain", () => {
    const replay = started();
    expect(() => replay.apply(block(3))).to.throw("does not follow block 1");
    expect(() => replay.apply({ ...block(2), previous_hash: "fork" })).to.throw("does not follow block 1");
  });

  it("guesses nothing about code that it does not know", () => {
    const replay = new Replay([COUNTER], (id) => id);
    const odd = SOURCE.replace("add r3.count r1", "hash.bhp256 r3.count");
    replay.apply(block(1, deployment(odd, 0, INITIAL)));
    expect(() => replay.apply(block(2, call("7field", "1u64", update("7"))))).to.throw('"hash.bhp256"');
  });

  it("refuses by name a program that it was not told to follow", () => {
    const replay = started();
    const foreign = call("7field", "1u64", update("7"));
    const [own] = foreign.transaction.execution?.transitions ?? [];
    const caller = {
      ...own,
      program: "other.aleo",
      outputs: [{ type: "future", value: future("other.aleo", "go", "") }],
    };
    const inside = { ...foreign.transaction, execution: { transitions: [own, caller] } };
    expect(() => replay.apply(block(2, { ...foreign, transaction: inside } as Transaction))).to.throw(
      "other.aleo",
    );
  });
});

describe("A value of the ledger", () => {
  it("has one spelling, whatever the ledger's layout and order", () => {
    const [a, b] = ["{\n  b: [1u8, 2u8],\n  a: 007field\n}", "{a:7field.public,b:[1u8,2u8]}"].map(
      parsePlaintext,
    );
    expect(canonicalPlaintext(a ?? ""))
      .to.equal("{a:7field,b:[1u8,2u8]}")
      .and.to.equal(canonicalPlaintext(b ?? ""));
  });

  it("may be a struct with a member called arguments, which is no future", () => {
    expect(parsePlaintext("{ program_id: 1u8, arguments: 2u8 }")).to.deep.equal({
      program_id: "1u8",
      arguments: "2u8",
    });
  });

  it("is refused when it is nested deeper than any program's values", () => {
    const nested = (levels: number): string => `${"[".repeat(levels)}1u8${"]".repeat(levels)}`;
    expect(parsePlaintext(nested(64))).to.be.an("array");
    expect(() => parsePlaintext(nested(65))).to.throw(InputError, "at most 64 levels");
    expect(() => parsePlaintext(nested(100_000))).to.throw(InputError, "at most 64 levels");
  });

  for (const text of ["", "{ a: 1u8", "{ a: 1u8, a: 2u8 }", "[1u8,]", "1u8 2u8", "{ a 1u8 }"]) {
    it(`is refused when it is none: ${JSON.stringify(text)}`, () => {
      expect(() => parsePlaintext(text)).to.throw("value");
    });
  }

  it("is told from a future, in which others may stand", () => {
    const text = future("a.aleo", "f", `1u8, ${future("b.aleo", "g", "2u8")}`);
    expect(parseFuture(text).arguments).to.have.length(2);
    expect(() => parsePlaintext(text)).to.throw("a future");
    expect(() => parseFuture("{ a: 1u8 }")).to.throw("a future");
  });
});

type Transaction = Block["transactions"][number];

const INITIAL = [
  { type: "initialize_mapping", mapping_id: "m1" },
  { type: "initialize_mapping", mapping_id: "m2" },
  { type: "update_key_value", mapping_id: "m2", key_id: "r0" },
];

function started(): Replay {
  const replay = new Replay([COUNTER], (id) => id);
  replay.apply(block(1, deployment(SOURCE, 0, INITIAL)));
  return replay;
}

function tally(replay: Replay, key: string): string | undefined {
  const value = replay.point.state.get(COUNTER)?.mappings.get("tallies")?.get(key);
  return value === undefined ? undefined : canonicalPlaintext(value);
}

function block(height: number, ...transactions: Transaction[]): Block {
  const metadata = { network: 1, height, timestamp: 1_700_000_000 + height };
  const content = {
    block_hash: `ab${height}`,
    previous_hash: `ab${height - 1}`,
    header: { metadata },
    transactions,
  };
  return readBlock(content, "block");
}

function call(key: string, amount: string, finalize: Transaction["finalize"]): Transaction {
  const outputs = [{ type: "future", value: future(COUNTER, "count", `${key}, ${amount}`) }];
  const transitions = [{ id: "au1", program: COUNTER, function: "count", outputs }];
  const transaction = { id: "at1call", type: "execute", execution: { transitions } };
  // The fee's own change comes last, in a mapping that is not followed.
  const fee = { type: "update_key_value", mapping_id: "credits", key_id: "payer" };
  return { status: "accepted", type: "execute", transaction, finalize: [...finalize, fee] };
}

function deployment(program: string, edition: number, finalize: Transaction["finalize"]): Transaction {
  const parts = { edition, program, program_checksum: ["1u8"], program_owner: OWNER };
  const transaction = { id: "at1deploy", type: "deploy", deployment: parts };
  return { status: "accepted", type: "deploy", transaction, finalize };
}

function update(key: string) {
  return [{ type: "update_key_value", mapping_id: "m1", key_id: `k${key}` }];
}

function future(program: string, name: string, args: string): string {
  return `{\n  program_id: ${program},\n  function_name: ${name},\n  arguments: [\n    ${args}\n  ]\n}`;
}
