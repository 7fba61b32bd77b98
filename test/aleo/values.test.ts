import { expect } from "chai";
import fc from "fast-check";
import {
  type AgentMetrics,
  agentField,
  agentIdOf,
  agentRegistry,
  agentScore,
  decodeLeo,
  encodeInputs,
  encodeLeo,
  parseLeo,
} from "../../src/aleo/index.ts";
import { FIELD_ORDER, SCALAR_ORDER } from "../../src/aleo/literals.ts";
import { CheckError, InputError } from "../../src/core/errors.ts";

const ADDRESS = "aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px";
const METRICS: AgentMetrics = {
  accuracy_rate: 9000,
  success_rate: 8500,
  avg_latency_ms: 250,
  total_executions: 1000,
};

describe("values of Leo's", () => {
  it("come back from the text they were written as", () => {
    const type = {
      struct: "Everything",
      fields: {
        small: "u8",
        large: "u128",
        signed: "i64",
        field: "field",
        flag: "bool",
        list: { array: "u64", length: 2 },
        inner: { struct: "Inner", fields: { owner: "address", salt: "scalar" } },
      },
    } as const;
    const value = fc.record({
      small: fc.integer({ min: 0, max: 255 }),
      large: fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
      signed: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
      field: fc.bigInt({ min: 0n, max: FIELD_ORDER - 1n }),
      flag: fc.boolean(),
      list: fc.tuple(fc.bigInt({ min: 0n, max: 9n }), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })),
      inner: fc.record({
        owner: fc.constant(ADDRESS),
        salt: fc.bigInt({ min: 0n, max: SCALAR_ORDER - 1n }),
      }),
    });
    fc.assert(
      fc.property(value, (each) => {
        expect(decodeLeo("value", type, encodeLeo("value", type, each))).to.deep.equal(each);
      }),
    );
  });

  it("are read as a ledger writes them, a record's with its visibilities, futures within futures", () => {
    const text = "{\n  owner: aleo1abc.private,\n  microcredits: 5u64.private,\n  _nonce: 3group.public\n}";
    expect(parseLeo(text)).to.deep.equal({ owner: "aleo1abc", microcredits: "5u64", _nonce: "3group" });
    const future =
      "{\n  program_id: p.aleo,\n  function_name: f,\n  arguments: [\n    {\n      program_id: credits.aleo,\n      arguments: []\n    },\n    1field\n  ]\n}";
    expect(parseLeo(future)).to.deep.equal({
      program_id: "p.aleo",
      function_name: "f",
      arguments: [{ program_id: "credits.aleo", arguments: [] }, "1field"],
    });
  });

  it("outside their type are refused by name, before anything is built", () => {
    const refused = (type: Parameters<typeof encodeLeo>[1], value: unknown) =>
      expect(() => encodeLeo("stake", type, value as never), `${JSON.stringify(type)}`).to.throw(
        InputError,
        "stake",
      );
    refused("u8", 256);
    refused("u32", -1);
    refused("u32", 1.5);
    refused("u64", 1n << 64n);
    refused("u64", 5);
    refused("i8", -129);
    refused("field", FIELD_ORDER);
    refused("scalar", SCALAR_ORDER);
    refused("address", `${ADDRESS}x`);
    refused("bool", "true");
    refused({ array: "u8", length: 2 }, [1]);
    refused({ struct: "S", fields: { a: "u8" } }, {});
    refused({ struct: "S", fields: { a: "u8" } }, { a: 1, b: 2 });
  });

  it("that are torn or of another type are no values", () => {
    for (const text of ["", "{", "[1u8", "{ a: }", "{ a: 1u8, a: 2u8 }", "1u8 2u8", "]", "[".repeat(100)])
      expect(() => parseLeo(text), text).to.throw(CheckError);
    for (const text of ["1u16", "256u8", "-1u8", "u8", "{ a: 1u8 }"])
      expect(() => decodeLeo("value", "u8", text), text).to.throw(CheckError);
  });
});

describe("the registry's interface", () => {
  it("puts inputs in the program's order, and names what is missing or too much", () => {
    const inputs = { stake: 5000n, salt: 5n, metrics: METRICS, agent: 7n };
    expect(encodeInputs(agentRegistry, "register_agent", inputs)).to.deep.equal([
      "7field",
      "{ accuracy_rate: 9000u32, success_rate: 8500u32, avg_latency_ms: 250u32, total_executions: 1000u32 }",
      "5scalar",
      "5000u64",
    ]);
    const { stake: _, ...rest } = inputs;
    expect(() => encodeInputs(agentRegistry, "register_agent", rest as never)).to.throw(InputError, "stake");
    const more = { ...inputs, tip: 1n };
    expect(() => encodeInputs(agentRegistry, "register_agent", more as never)).to.throw(InputError, "tip");
  });

  it("scores the known answer, and each bound on its two sides", () => {
    expect(agentScore(METRICS)).to.equal(8500);
    const score = (latency: number, executions: number) =>
      agentScore({
        accuracy_rate: 0,
        success_rate: 0,
        avg_latency_ms: latency,
        total_executions: executions,
      });
    const best = 2000;
    for (const [bound, below, from] of [
      [100, 2000, 1600],
      [500, 1600, 1200],
      [1000, 1200, 800],
      [5000, 800, 400],
    ] as const) {
      expect(score(bound - 1, 10_000)).to.equal(best + below);
      expect(score(bound, 10_000)).to.equal(best + from);
    }
    for (const [bound, below, from] of [
      [10, 400, 800],
      [100, 800, 1200],
      [1000, 1200, 1600],
      [10_000, 1600, 2000],
    ] as const) {
      expect(score(0, bound - 1)).to.equal(best + below);
      expect(score(0, bound)).to.equal(best + from);
    }
    expect(
      agentScore({ ...METRICS, accuracy_rate: 10_000, success_rate: 10_000, avg_latency_ms: 0 }),
    ).to.be.at.most(10_000);
    expect(() => agentScore({ ...METRICS, success_rate: 10_001 })).to.throw(InputError, "success_rate");
  });

  it("knows an agent by the number its UUID is", () => {
    const id = "550e8400-e29b-41d4-a716-446655440000";
    expect(agentField(id)).to.equal(0x550e8400e29b41d4a716446655440000n);
    expect(agentIdOf(agentField(id))).to.equal(id);
    expect(() => agentIdOf(1n << 128n)).to.throw(InputError);
    expect(() => agentField("agent-7")).to.throw(InputError);
  });
});
