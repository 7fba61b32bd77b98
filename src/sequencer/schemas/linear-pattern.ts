import { setFlagsFromString } from "node:v8";
import { InputError } from "../../core/errors.ts";

const MOST = 1_000;
let enabled = false;

/**
 * Compiles a regular expression that takes time in proportion to the text, whatever both are: V8's engine without
 * backtracking. It has no look-around, no back references and no Unicode classes.
 *
 * @throws InputError for an expression that it cannot run so.
 */
export function linearPattern(source: string): RegExp {
  if (!enabled) {
    // Allows the flag `l`, and changes nothing for expressions without it.
    setFlagsFromString("--enable-experimental-regexp-engine");
    enabled = true;
  }
  if (source.length > MOST) throw new InputError(`pattern: expected at most ${MOST} characters`);
  if (/[\u{10000}-\u{10ffff}]/u.test(source))
    throw new InputError("pattern: expected no character above U+FFFF");
  try {
    return new RegExp(source, "l");
  } catch (cause) {
    throw new InputError(
      "pattern: expected a regular expression without look-around, back references and \\p",
      {
        cause,
      },
    );
  }
}
