import { expect } from "chai";
import { array, assert, constantFrom, json, property } from "fast-check";
import { InputError } from "../../src/core/errors.ts";
import { parseStrictJson } from "../../src/core/strict-json.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const nested = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const TWICE = "expected a name once in its object, got it twice";
const NUMBER =
  "expected a number that a double holds (below 2^53 in size, not lost to zero); write others as text";
const LONE = "expected Unicode text, got a lone surrogate";

const REFUSED: Readonly<Record<string, readonly [document: string | Uint8Array, message: string]>> = {
  "a name twice": ['{"a":1,"b":2,"a":1}', `$.a: ${TWICE}`],
  "a name twice, once written with an escape": ['{"amount":1,"\\u0061mount":2}', `$.amount: ${TWICE}`],
  "a name twice, the first escaped": ['{"\\u0061":1 , "a" :2}', `$.a: ${TWICE}`],
  "a name twice, deep inside": [
    '{"list":[0,{"x":[]},{"y":{"z":1,"q":{},"z":2}}]}',
    `$.list[2].y.z: ${TWICE}`,
  ],
  "a name twice, after a value that looks like names": ['{"a":"{\\"a\\":1,","a":2}', `$.a: ${TWICE}`],
  "__proto__ twice": ['{"__proto__":1,"__proto__":2}', `$.__proto__: ${TWICE}`],
  "an empty name twice": ['{"":1,"":2}', `$.: ${TWICE}`],
  "a byte order mark": ["\uFEFF{}", "$: expected JSON, got a byte order mark first"],
  "a byte order mark in bytes": [
    Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d),
    "$: expected JSON, got a byte order mark first",
  ],
  "bytes that are no UTF-8": [Uint8Array.of(0x22, 0xff, 0x22), "$: expected UTF-8, got bytes that are not"],
  "an overlong encoding": [
    Uint8Array.of(0x22, 0xc0, 0xaf, 0x22),
    "$: expected UTF-8, got bytes that are not",
  ],
  "a surrogate encoded in UTF-8": [
    Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22),
    "$: expected UTF-8, got bytes that are not",
  ],
  "a lone surrogate": ['{"a":"\ud800"}', `$: ${LONE}`],
  "an escaped high surrogate alone": ['{"a":["\\ud83d"]}', `$.a[0]: ${LONE}`],
  "an escaped low surrogate alone": ['{"a":"x\\uDE00x"}', `$.a: ${LONE}`],
  "escaped surrogates in the wrong order": ['{"a":"\\ude00\\ud83d"}', `$.a: ${LONE}`],
  "a pair, and half of another": ['["\\ud83d\\ude00\\ud83d"]', `$[0]: ${LONE}`],
  "a lone surrogate in a name": ['{"\\ud83d":1}', LONE],
  "an escaped surrogate behind an escaped backslash": ['["\\\\\\ud83d"]', `$[0]: ${LONE}`],
  "an integer beyond 2^53 - 1": ['{"a":[9007199254740992]}', `$.a[0]: ${NUMBER}, got "9007199254740992"`],
  "a negative one": ["-9007199254740993", `$: ${NUMBER}, got "-9007199254740993"`],
  "a large integer as a fraction": ["9007199254740993.0", `$: ${NUMBER}, got "9007199254740993.0"`],
  "a large integer with an exponent": ["[1E30]", `$[0]: ${NUMBER}, got "1E30"`],
  "what overflows to infinity": ["1e400", `$: ${NUMBER}, got "1e400"`],
  "what vanishes": ["0.1e-400", `$: ${NUMBER}, got "0.1e-400"`],
  "65 levels": [nested(65), `$${"[0]".repeat(64)}: expected at most 64 levels of nesting, got more`],
  "a million levels": ["[".repeat(1_000_000), "expected at most 64 levels of nesting, got more"],
  nothing: [" ", "$: expected JSON, got nothing"],
  "two documents": ["{} {}", "$: expected JSON, got something else"],
  "a bracket too many": ["[]]", "$: expected JSON, got something else"],
  "brackets that do not match": ['{"a":1]', "$: expected JSON, got something else"],
  "an open string": ['{"a":"b', "$: expected JSON, got something else"],
  "an open escape": ['["\\', "$: expected JSON, got something else"],
  "a bad escape in a name": ['{"\\x":1}', "$: expected JSON, got something else"],
  "a control character": ['["\n"]', "$: expected JSON, got something else"],
  "a comment": ["{} // no", "$: expected JSON, got something else"],
  NaN: ["NaN", "$: expected JSON, got something else"],
  "a leading zero": ["[01]", "$: expected JSON, got something else"],
};

describe("strict JSON", () => {
  for (const [name, [document, message]] of Object.entries(REFUSED)) {
    it(`refuses ${name}`, () => expect(() => parseStrictJson(document)).to.throw(InputError, message));
  }

  for (const document of [
    "null",
    '"\\ud83d\\ude00 and \\uD83D\\uDE00"',
    '"\\\\ud83d is text"',
    "9007199254740991",
    "-9007199254740991.0",
    "[0, -0, 0e5, 0.1, 5e-324, 123456789.123456789]",
    nested(64),
    '{"a":{"a":{"a":[{"a":1},{"a":2}]}},"A":1,"á":2}',
    '{"\\"":1,"\\\\":2,"\\\\\\"":{"x":"}]"}}',
    '[{"a":1},{"a":1}]',
  ]) {
    it(`reads ${document.slice(0, 60)}`, () => {
      expect(parseStrictJson(document)).to.deep.equal(JSON.parse(document));
      expect(parseStrictJson(utf8(document))).to.deep.equal(JSON.parse(document));
    });
  }

  it("takes a limit of depth and a path from its caller", () => {
    expect(parseStrictJson(nested(3), { depth: 3 })).to.deep.equal([[[]]]);
    expect(() => parseStrictJson(nested(4), { depth: 3 }, "line 7")).to.throw(
      InputError,
      "line 7[0][0][0]: expected at most 3 levels of nesting, got more",
    );
  });

  it("keeps the names that other readers stumble on as plain data", () => {
    const document = '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}';
    const value = parseStrictJson(document) as Record<string, unknown>;
    expect(Object.keys(value)).to.deep.equal(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(value)).to.equal(Object.prototype);
    expect(({} as Record<string, unknown>).admin).to.equal(undefined);
    expect(JSON.stringify(value)).to.equal(document);
  });

  it("does not quote a document that is no JSON", () => {
    expect(() => parseStrictJson('{"pin": 1234, "password": swordfish}'))
      .to.throw(InputError)
      .with.property("message")
      .that.does.not.include("swordfish");
  });

  it("agrees with JSON.parse on all JSON but that with large numbers", () => {
    assert(
      property(json({ maxDepth: 8 }), (document) => {
        const value = JSON.parse(document);
        const strict = valueOrRefusal(document);
        if (!(strict instanceof InputError)) expect(strict).to.deep.equal(value);
        expect(strict instanceof InputError).to.equal(hasLargeNumber(value));
      }),
      { numRuns: 2000 },
    );
  });

  it("says no to a text with nothing but an InputError, and yes only with JSON.parse", () => {
    const grain = constantFrom(...'"\\{}[]:,a19-.eEud8 ', "\\u00", '{"a":', "null");
    const soup = array(grain, { maxLength: 30 }).map((grains) => grains.join(""));
    assert(
      property(soup, (text) => {
        const strict = valueOrRefusal(text);
        if (!(strict instanceof InputError)) expect(strict).to.deep.equal(JSON.parse(text));
      }),
      { numRuns: 20_000 },
    );
  });
});

function valueOrRefusal(document: string): unknown {
  try {
    return parseStrictJson(document);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

function hasLargeNumber(value: unknown): boolean {
  if (typeof value === "number") return Math.abs(value) >= 2 ** 53;
  return typeof value === "object" && value !== null && Object.values(value).some(hasLargeNumber);
}
