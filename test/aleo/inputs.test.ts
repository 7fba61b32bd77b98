import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { encode, encodeInputs } from "../../src/aleo/inputs.ts";
import { parsePlaintext } from "../../src/aleo/replay/plaintext.ts";
import { type AleoType, functionNames, signatureOf, typeText } from "../../src/aleo/signature.ts";

const FIELD_ORDER = 8444461749428370424248824938781546531375899335154063827935233455917409239041n;
const text = (name: string) => readFileSync(`leo/agent_registry/${name}`, "utf8");
const type = (name: string): AleoType => ({ kind: "literal", name });

describe("inputs of the programs' functions", () => {
  const source = text("build/main.aleo");
  const leo = text("src/main.leo");
  const register = signatureOf(source, "register_agent", leo);

  it("have the types and modes of the compiled program and the names of its source, every function's", () => {
    expect(register.inputs.map(({ name, mode, type }) => `${mode} ${name}: ${typeText(type)}`)).to.deep.equal(
      [
        "public agent: field",
        "private metrics: { accuracy_rate: u32, success_rate: u32, avg_latency_ms: u32, total_executions: u32 }",
        "private salt: scalar",
        "public stake: u64",
      ],
    );
    const batch = signatureOf(source, "process_withdrawals", leo);
    expect(batch.inputs.map(({ type }) => typeText(type))).to.deep.equal([
      "[field; 5]",
      "[address; 5]",
      "[u64; 5]",
      "u8",
    ]);
    for (const name of functionNames(source)) {
      for (const input of signatureOf(source, name, leo).inputs)
        expect(input.name, name).not.to.match(/^input\d/);
    }
  });

  it("are encoded from plain JSON, and a struct whatever the order of its members", () => {
    const metrics = { total_executions: 4, avg_latency_ms: "3u32", success_rate: "2", accuracy_rate: 1 };
    const given = { stake: "1_000", salt: 7, agent: "00000000-0000-0000-0000-0000000000ff", metrics };
    expect(encodeInputs(register, given)).to.deep.equal([
      "255field",
      "{ accuracy_rate: 1u32, success_rate: 2u32, avg_latency_ms: 3u32, total_executions: 4u32 }",
      "7scalar",
      "1000u64",
    ]);
    const asText =
      "{ accuracy_rate: 1u32, success_rate: 2u32, avg_latency_ms: 3u32, total_executions: 4u32 }";
    expect(encodeInputs(register, { ...given, metrics: asText })[1]).to.equal(asText);
  });

  it("are integers exactly within their bits", () => {
    const bits = fc.constantFrom(8, 16, 32, 64, 128);
    fc.assert(
      fc.property(bits, fc.boolean(), (size, signed) => {
        const name = `${signed ? "i" : "u"}${size}`;
        const least = signed ? -(1n << BigInt(size - 1)) : 0n;
        const most = (1n << BigInt(signed ? size - 1 : size)) - 1n;
        for (const edge of [least, most]) {
          expect(encode("n", type(name), String(edge))).to.equal(`${edge}${name}`);
        }
        for (const beyond of [least - 1n, most + 1n]) {
          expect(() => encode("n", type(name), String(beyond))).to.throw(`n: expected ${name}, got`);
        }
      }),
    );
  });

  it("are fields below the order, in decimal, in hex, and as an agent's id", () => {
    expect(encode("f", type("field"), String(FIELD_ORDER - 1n))).to.equal(`${FIELD_ORDER - 1n}field`);
    expect(() => encode("f", type("field"), String(FIELD_ORDER))).to.throw("f: expected field");
    expect(() => encode("f", type("field"), "-1")).to.throw("f: expected field");
    expect(encode("f", type("field"), "0x10")).to.equal("16field");
    expect(() => encode("f", type("u64"), "0x10")).to.throw("f: expected u64");
  });

  it("are bytes in hex where a list of u8 is wanted, and lists of exactly their length", () => {
    const checksum: AleoType = { kind: "array", element: type("u8"), length: 4 };
    expect(encode("c", checksum, "0x0001feff")).to.equal("[0u8, 1u8, 254u8, 255u8]");
    for (const wrong of ["0x0001fe", "0x0001feff00", "0001feff", [1, 2, 3], [1, 2, 3, 256], 7]) {
      expect(() => encode("c", checksum, wrong)).to.throw(/^c(\[3\])?: expected/);
    }
  });

  it("name what is missing, left over or wrong, and never repeat a private value", () => {
    const metrics = { accuracy_rate: 1, success_rate: 2, avg_latency_ms: 3, total_executions: 4 };
    const right = { agent: 1, stake: 1, salt: 1, metrics };
    expect(() => encodeInputs(register, { ...right, salt: undefined })).to.throw(
      "salt: expected scalar, got nothing",
    );
    expect(() => encodeInputs(register, { ...right, slat: 1 })).to.throw("agent, metrics, salt, stake");
    const { total_executions: _, ...fewer } = metrics;
    expect(() => encodeInputs(register, { ...right, metrics: fewer })).to.throw(
      "metrics.total_executions: expected u32, got nothing",
    );
    expect(() => encodeInputs(register, { ...right, metrics: { ...metrics, more: 1 } })).to.throw("metrics:");
    for (const given of [{ salt: "hunter2" }, { metrics: { ...metrics, accuracy_rate: "hunter2" } }]) {
      expect(() => encodeInputs(register, { ...right, ...given })).to.throw(/expected/);
      expect(() => encodeInputs(register, { ...right, ...given })).not.to.throw("hunter2");
    }
    expect(() => encodeInputs(register, { ...right, stake: "hunter2" })).to.throw("hunter2");
  });

  it("are texts that read back as what was given", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: FIELD_ORDER - 1n }), fc.boolean(), (number, flag) => {
        expect(parsePlaintext(encode("f", type("field"), String(number)))).to.equal(`${number}field`);
        expect(encode("b", type("boolean"), flag)).to.equal(String(flag));
      }),
    );
  });

  it("are of a function that there is", () => {
    expect(() => signatureOf(source, "rob_bank")).to.throw("register_agent");
    expect(() => signatureOf(source, "pause:|.*")).to.throw("expected");
    expect(signatureOf(source, "increase_stake").inputs.map(({ name }) => name)).to.deep.equal([
      "input1",
      "input2",
    ]);
  });
});
