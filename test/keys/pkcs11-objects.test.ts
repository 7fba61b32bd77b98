import { secp256k1 } from "@noble/curves/secp256k1.js";
import { expect } from "chai";
import { toHex } from "../../src/core/bytes.ts";
import { newId, readPublicKey } from "../../src/keys/pkcs11/objects.ts";

const CURVE = Buffer.from("06052b8104000a", "hex");

/** A point whose own bytes look like the beginning of a DER OCTET STRING of its length. */
function ambiguousPoint(): Uint8Array {
  for (let secret = 1; ; secret++) {
    const bytes = Buffer.alloc(32);
    bytes.writeUInt32BE(secret, 28);
    const point = secp256k1.getPublicKey(bytes, false);
    if (point[1] === point.length - 2) return point;
  }
}

describe("a public key object of a token", () => {
  const read = (point: Uint8Array) => {
    const values = [
      Buffer.from("signer"),
      Buffer.from(newId(new Date())),
      Buffer.alloc(8),
      CURVE,
      Buffer.from(point),
    ];
    return readPublicKey(values.map((value) => ({ type: 0, value })));
  };

  it("is read whether the token wraps its point or not, whatever the point begins with", () => {
    const point = ambiguousPoint();
    const expected = toHex(secp256k1.Point.fromBytes(point).toBytes(true));
    expect(read(point)?.info.publicKey).to.equal(expected);
    expect(read(Buffer.concat([Buffer.from([4, point.length]), point]))?.info.publicKey).to.equal(expected);
  });
});
