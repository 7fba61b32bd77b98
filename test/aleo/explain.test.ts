import { expect } from "chai";
import { Unknown } from "../../src/aleo/finalize/operations.ts";
import { FinalizeRun } from "../../src/aleo/finalize/run.ts";
import { parseLeo } from "../../src/aleo/index.ts";

const BANK = `program bank.aleo;

mapping account:
    key as address.public;
    value as u64.public;

finalize pay:
    input r0 as address.public;
    input r1 as u64.public;
    get.or_use account[r0] 0u64 into r2;
    sub r2 r1 into r3;
    set r3 into account[r0];
`;
const SHOP = `import bank.aleo;
program shop.aleo;

struct Item:
    owner as address;
    price as u64;

mapping items:
    key as field.public;
    value as Item.public;

finalize sell:
    input r0 as field.public;
    input r1 as [u64; 2u32].public;
    input r2 as bank.aleo/pay.future;
    contains items[r0] into r3;
    branch.eq r3 true to end_1;
    cast aleo1seller r1[0u32] into r4 as Item;
    set r4 into items[r0];
    position end_1;
    get items[r0] into r5;
    lte r5.price r1[1u32] into r6;
    gte block.height 10u32 into r7;
    and r6 r7 into r8;
    ternary r8 true false into r9;
    assert.eq r9 true;
    await r2;

finalize odd:
    input r0 as field.public;
    hash.bhp256 r0 into r1 as field;
    assert.eq r1 0field;
`;

/** Runs on a state that the test holds. */
function why(
  future: string,
  state: Readonly<Record<string, string>> = {},
  height = 10,
): Promise<string | undefined> {
  const programs: Readonly<Record<string, string>> = { "bank.aleo": BANK, "shop.aleo": SHOP };
  const run = new FinalizeRun({
    height,
    program: async (id) => programs[id],
    mapping: async (program, mapping, key) => state[`${program}/${mapping}[${key}]`],
  });
  return run.rejection(parseLeo(future));
}

const pay = (amount: string) =>
  `{ program_id: bank.aleo, function_name: pay, arguments: [aleo1buyer, ${amount}] }`;
const sell = (prices: string, amount = "1u64") =>
  `{ program_id: shop.aleo, function_name: sell, arguments: [7field, ${prices}, ${pay(amount)}] }`;

describe("why a finalize step is rejected", () => {
  const rich = { "bank.aleo/account[aleo1buyer]": "5u64" };

  it("is nothing when every rule holds, over branches, structs, arrays and what it wrote itself", async () => {
    expect(await why(sell("[3u64, 3u64]"), rich)).to.equal(undefined);
    const listed = { ...rich, "shop.aleo/items[7field]": "{\n  owner: aleo1x,\n  price: 2u64\n}" };
    expect(await why(sell("[9u64, 2u64]"), listed)).to.equal(undefined);
  });

  it("is the rule that does not hold, with the values it met", async () => {
    expect(await why(sell("[4u64, 3u64]"), rich)).to.match(/^finalize shop\.aleo\/sell wants /);
    const listed = { ...rich, "shop.aleo/items[7field]": "{ owner: aleo1x, price: 2u64 }" };
    expect(await why(sell("[9u64, 1u64]"), listed)).to.contain("shop.aleo/sell");
    expect(await why(sell("[3u64, 3u64]"), rich, 9)).to.contain("shop.aleo/sell");
  });

  it("is found in a program that it calls, and names that program", async () => {
    expect(await why(sell("[3u64, 3u64]", "6u64"), rich)).to.equal(
      "finalize bank.aleo/pay account[aleo1buyer] (5u64) - 6u64 (5u64 and 6u64) does not fit u64",
    );
  });

  it("is no guess where an instruction is not known", async () => {
    const unknown = await why("{ program_id: shop.aleo, function_name: odd, arguments: [1field] }").catch(
      (e: unknown) => e,
    );
    expect(unknown).to.be.instanceOf(Unknown);
    const gone = await why("{ program_id: gone.aleo, function_name: odd, arguments: [] }").catch(
      (e: unknown) => e,
    );
    expect(gone).to.be.instanceOf(Unknown);
  });
});
