import { createHmac, createPublicKey, generateKeyPairSync, randomUUID } from "node:crypto";
import { expect } from "chai";
import { SignJWT } from "jose";
import { type Authenticator, revokeJwtKey } from "../../../src/sequencer/auth/index.ts";
import { emptyStore, type TestStore } from "../support.ts";
import {
  AUDIENCE,
  asks,
  authenticatorOn,
  claimsOf,
  newTenant,
  seconds,
  type TokenSigner,
  token,
  tokenSigner,
  verdict,
} from "./support.ts";

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("A tenant's token", function () {
  this.timeout(60_000);
  let test: TestStore;
  let authenticator: Authenticator;
  let tenant: string;
  let signer: TokenSigner;
  before(async () => {
    test = await emptyStore("pglite");
    authenticator = authenticatorOn(test.store);
    tenant = await newTenant(test.store);
    signer = await tokenSigner(test.store, tenant);
  });
  after(() => test?.close());

  it("says whose it is, and may do what its role and its scope both allow", async () => {
    const sub = randomUUID();
    const scope = ["events:*", "commitments:read", "no:such"];
    const caller = await asks(authenticator, await token(signer, { sub, scope }));
    expect(caller).to.include({
      tenant,
      agentId: sub,
      role: "agent",
      credentialId: `jwt:${signer.kid}:${sub}`,
    });
    expect([...caller.permissions].sort()).to.deep.equal(["events:read", "events:write"]);
    const all = await asks(authenticator, await token(signer, { scope: ["*"] }));
    expect([...all.permissions].sort()).to.deep.equal(["events:read", "events:write"]);
    const none = await asks(authenticator, await token(signer, { scope: [] }));
    expect(none.permissions.size).to.equal(0);
  });

  it("is signed with EdDSA and nothing else: not none, not a MAC with the public key, not another curve", async () => {
    const claims = claimsOf(tenant);
    const { kid, publicKey } = signer;
    const spki = createPublicKey({
      format: "jwk",
      key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") },
    }).export({ format: "pem", type: "spki" });
    const unsigned = (alg: string): string => `${encode({ alg, kid })}.${encode(claims)}.`;
    const mac = (secret: string | Uint8Array, alg = "HS256"): string => {
      const body = `${encode({ alg, kid })}.${encode(claims)}`;
      return `${body}.${createHmac("sha256", secret).update(body).digest("base64url")}`;
    };
    const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const other = await new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid }).sign(p256);
    for (const each of [unsigned("none"), unsigned("None"), mac(publicKey), mac(spki), other])
      expect(await verdict(authenticator, each)).to.equal("token-algorithm");
    for (const each of [unsigned("EdDSA"), mac(publicKey, "EdDSA"), mac(spki, "EdDSA")])
      expect(await verdict(authenticator, each)).to.be.oneOf(["token-signature", "token-malformed"]);
  });

  it("is refused when its key is unknown, another tenant's, or not the one that signed", async () => {
    const otherTenant = await newTenant(test.store);
    const other = await tokenSigner(test.store, otherTenant, "admin");
    expect(await verdict(authenticator, await token({ ...signer, kid: "nobody" }))).to.equal(
      "token-key-unknown",
    );
    // The other tenant's own key, for this tenant's rows.
    expect(await verdict(authenticator, await token(other, { tenant }))).to.equal("token-tenant");
    // This tenant's key under the other's name, and the other way round.
    expect(await verdict(authenticator, await token({ ...signer, kid: other.kid }))).to.equal(
      "token-signature",
    );
    expect(await verdict(authenticator, await token({ ...other, kid: signer.kid }))).to.equal(
      "token-signature",
    );
  });

  it("is refused with anything in its header that would have to be understood", async () => {
    for (const header of [
      { crit: ["exp"], exp: 1 },
      { crit: ["b64"], b64: true },
      { jwk: { kty: "OKP" } },
      { jku: "https://example.com/keys" },
      { x5c: ["AA=="] },
      { typ: "at+jwt" },
      { kid: undefined },
      { kid: "../../etc/passwd" },
      { kid: "x".repeat(65) },
    ]) {
      // Signed by hand: the library would not make some of these.
      const good = await token(signer);
      const [, claims = ""] = good.split(".");
      const body = `${encode({ alg: "EdDSA", kid: signer.kid, ...header })}.${claims}`;
      const { sign } = await import("node:crypto");
      const signature = sign(null, Buffer.from(body), signer.privateKey).toString("base64url");
      expect(await verdict(authenticator, `${body}.${signature}`), JSON.stringify(header)).to.equal(
        "token-malformed",
      );
    }
  });

  it("names this log as its audience", async () => {
    for (const aud of ["another.log", ["another.log"], "", AUDIENCE.toUpperCase(), `${AUDIENCE} `])
      expect(await verdict(authenticator, await token(signer, { aud }))).to.equal("token-audience");
    expect(await verdict(authenticator, await token(signer, { aud: ["x", AUDIENCE] }))).to.be.an("object");
  });

  it("has every claim, each of its form", async () => {
    for (const claim of ["sub", "tenant", "iat", "exp", "scope", "jti", "aud"]) {
      const left = await token(signer, { [claim]: undefined });
      const expected = claim === "aud" ? "token-audience" : "token-claims";
      expect(await verdict(authenticator, left), claim).to.equal(expected);
    }
    const wrong: Record<string, unknown>[] = [
      { sub: "agent-7" },
      { tenant: tenant.toUpperCase() },
      { scope: "events:read" },
      { scope: [1] },
      { scope: new Array(33).fill("events:read") },
      { jti: "" },
      { jti: "x".repeat(129) },
      { jti: "two words" },
      { iat: seconds() - 0.5 },
      { exp: String(seconds() + 60) },
      { nbf: "now" },
    ];
    for (const claims of wrong)
      expect(await verdict(authenticator, await token(signer, claims)), JSON.stringify(claims)).to.equal(
        "token-claims",
      );
  });

  it("lives for an hour at most, from its making to its end and not a second longer", async () => {
    const now = seconds();
    const of = async (claims: Record<string, unknown>) => verdict(authenticator, await token(signer, claims));
    expect(await of({ iat: now - 600, exp: now - 1 })).to.equal("token-expired");
    expect(await of({ iat: now - 600, exp: now - 600 })).to.equal("token-expired");
    expect(await of({ iat: now, exp: now + 3_601 })).to.equal("token-too-long");
    expect(await of({ iat: now + 600, exp: now + 900 })).to.equal("token-not-yet-valid");
    expect(await of({ nbf: now + 600 })).to.equal("token-not-yet-valid");
    expect(await of({ iat: now, exp: now + 3_600 })).to.be.an("object");
    expect(await of({ iat: now + 20, nbf: now + 20, exp: now + 600 })).to.be.an("object");
  });

  it("ends at its end though it was known a moment ago", async () => {
    const clock = { now: Date.now() };
    const timed = authenticatorOn(test.store, { now: () => clock.now, cacheSeconds: 60 });
    const text = await token(signer, { exp: seconds() + 10 });
    expect(await verdict(timed, text)).to.be.an("object");
    clock.now += 11_000;
    expect(await verdict(timed, text)).to.equal("token-expired");
  });

  it("that was revoked is refused at once here, and elsewhere within the cache's seconds", async () => {
    const clock = { now: Date.now() };
    const elsewhere = authenticatorOn(test.store, { now: () => clock.now });
    const jti = randomUUID();
    const text = await token(signer, { jti });
    const same = await token(signer, { jti, sub: randomUUID() });
    for (const each of [authenticator, elsewhere]) expect(await verdict(each, text)).to.be.an("object");
    await authenticator.revokeToken(tenant, jti, Date.now() + 600_000);
    expect(await verdict(authenticator, text)).to.equal("token-revoked");
    expect(await verdict(authenticator, same)).to.equal("token-revoked");
    clock.now += 5_001;
    expect(await verdict(elsewhere, text)).to.equal("token-revoked");
    await authenticator.revokeToken(tenant, jti, Date.now() + 600_000);
  });

  it("stays revoked for as long as it lives, whatever end it was revoked with, and its row goes afterwards", async () => {
    const clock = { now: Date.now() };
    const timed = authenticatorOn(test.store, { now: () => clock.now });
    const jtis = async () =>
      (
        await test.store
          .as("app")
          .transaction(tenant, (sql) => sql.query<{ jti: string }>("SELECT jti FROM proofx.revoked_tokens"))
      ).map(({ jti }) => jti);
    const text = await token(signer, { jti: "early", exp: seconds() + 3_590 });
    await timed.revokeToken(tenant, "early", 0);
    clock.now += 3_500_000;
    await timed.revokeToken(tenant, "next", clock.now);
    expect(await verdict(timed, text)).to.equal("token-revoked");
    clock.now += 200_000;
    await timed.revokeToken(tenant, "last", clock.now);
    expect(await jtis())
      .to.include.members(["next", "last"])
      .and.not.include("early");
  });

  it("of another tenant with the same jti is not touched by that", async () => {
    const other = await newTenant(test.store);
    const otherSigner = await tokenSigner(test.store, other);
    const text = await token(otherSigner, { jti: "shared" });
    await authenticator.revokeToken(tenant, "shared", Date.now());
    expect(await verdict(authenticator, text)).to.be.an("object");
    expect(await verdict(authenticator, await token(signer, { jti: "shared" }))).to.equal("token-revoked");
  });

  it("falls with its key", async () => {
    const gone = await tokenSigner(test.store, tenant);
    await revokeJwtKey(test.store.as("keeper"), gone.kid);
    expect(await verdict(authenticator, await token(gone))).to.equal("token-key-revoked");
  });

  it("is small, and text that is none is refused as quickly", async () => {
    const huge = await token(signer, { more: "x".repeat(8_000) });
    expect(await verdict(authenticator, huge)).to.equal("credential-malformed");
    for (const text of [
      "a.b.c",
      "..",
      ".",
      "e30.e30.e30",
      `${encode({ alg: "EdDSA" })}.e30.AA`,
      "x".repeat(4_000),
    ])
      expect(await verdict(authenticator, text), text.slice(0, 20)).to.be.oneOf([
        "token-malformed",
        "token-algorithm",
      ]);
  });
});
