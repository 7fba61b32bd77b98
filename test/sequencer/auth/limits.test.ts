import { expect } from "chai";
import fc from "fast-check";
import {
  accessSettings,
  addressBucket,
  type Caller,
  FailureLimit,
  ONE_HOST,
  ONE_NETWORK,
  PERMISSIONS,
  permissionsOf,
  RateLimits,
} from "../../../src/sequencer/auth/index.ts";

const caller = (credentialId: string, tenant = "a"): Caller => ({
  tenant,
  role: "agent",
  permissions: new Set(),
  credentialId,
});

describe("Rates", () => {
  const settings = accessSettings.parse({ rates: { commitments: { rate: 10, burst: 50 } }, tenant_times: 2 });

  it("let a burst through and no more, for each credential and group of its own", async () => {
    const limits = new RateLimits(settings);
    const allowed = async (id: string, count: number): Promise<number> => {
      let passed = 0;
      for (let index = 0; index < count; index++)
        if ((await limits.take(caller(id), "commitments")) === undefined) passed += 1;
      return passed;
    };
    // A slow machine may see the next second begin, and with it ten more.
    expect(await allowed("one", 80)).to.be.within(50, 70);
    expect(await limits.take(caller("one"), "commitments")).to.satisfy(
      (wait: unknown) => wait === undefined || wait === 1,
    );
    expect(await limits.take(caller("one"), "events_read")).to.equal(undefined);
    expect(await allowed("two", 10)).to.equal(10);
  });

  it("are no use dodging with ever new credentials: a tenant has a rate, too", async () => {
    const limits = new RateLimits(settings);
    let passed = 0;
    for (let index = 0; index < 300; index++)
      if ((await limits.take(caller(`jwt:k:${index}`), "commitments")) === undefined) passed += 1;
    expect(passed).to.be.within(100, 160);
    expect(await limits.take(caller("x", "b"), "commitments")).to.equal(undefined);
  });

  it("of the guide are the default, and a burst below the rate is refused", () => {
    expect(accessSettings.parse({}).rates).to.deep.equal({
      events_ingest: { rate: 100, burst: 500 },
      events_read: { rate: 1000, burst: 2000 },
      commitments: { rate: 10, burst: 50 },
    });
    expect(accessSettings.safeParse({ rates: { commitments: { rate: 100 } } }).success).to.equal(false);
    expect(accessSettings.safeParse({ trusted_proxies: ["10.0.0.0/33"] }).success).to.equal(false);
    expect(accessSettings.safeParse({ trusted_proxies: ["10.0.0.0/8", "::1", "fd00::/8"] }).success).to.equal(
      true,
    );
  });
});

describe("Failures to authenticate", () => {
  it("make an address wait, and its neighbours in the same IPv6 network, and nobody else", async () => {
    const limit = new FailureLimit(3);
    for (let failure = 0; failure < 3; failure++) {
      expect(await limit.wait("2001:db8::1")).to.equal(undefined);
      await limit.failed("2001:db8::1");
    }
    expect(await limit.wait("2001:db8::1")).to.be.within(1, 60);
    expect(await limit.wait("2001:db8::ffff:2")).to.be.within(1, 60);
    expect(await limit.wait("192.0.2.1")).to.equal(undefined);
  });
});

describe("The network of an address", () => {
  it("is written one way, whatever way the address was", () => {
    expect(addressBucket("192.0.2.77", ONE_NETWORK)).to.equal("192.0.2.0/24");
    expect(addressBucket("::ffff:192.0.2.77", ONE_HOST)).to.equal("192.0.2.77/32");
    expect(addressBucket("2001:db8:1:2:3:4:5:6", ONE_NETWORK)).to.equal("2001:db8:1:0:0:0:0:0/48");
    expect(addressBucket("2001:DB8:0001::", ONE_HOST)).to.equal("2001:db8:1:0:0:0:0:0/64");
    expect(addressBucket("fe80::1%eth0", ONE_HOST)).to.equal("fe80:0:0:0:0:0:0:0/64");
    expect(addressBucket("::1", ONE_HOST)).to.equal("0:0:0:0:0:0:0:0/64");
    for (const none of ["", "example.com", "1.2.3", "x".repeat(100)])
      expect(addressBucket(none, ONE_HOST)).to.equal("unknown");
  });

  it("is short, and of few kinds, for any address", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (address) => {
        expect(addressBucket(address, ONE_NETWORK)).to.match(
          /^(unknown|[0-9.]{7,15}\/24|([0-9a-f]{1,4}:){7}0\/48)$/,
        );
      }),
    );
  });
});

describe("A scope", () => {
  it("never adds to what a role may do", () => {
    const patterns = fc.array(fc.oneof(fc.constantFrom("*", "events:*", ...PERMISSIONS), fc.string()));
    fc.assert(
      fc.property(fc.constantFrom("agent", "reader", "admin", "anchor"), patterns, (role, scope) => {
        const all = permissionsOf(role);
        for (const permission of permissionsOf(role, scope)) expect(all.has(permission)).to.equal(true);
      }),
    );
    expect([...permissionsOf("anchor")].sort()).to.deep.equal([
      "anchor:read",
      "anchor:write",
      "commitments:read",
      "commitments:write",
    ]);
    for (const pattern of ["events", "*:read", "events:**", "event:*", ":*", "EVENTS:*", "events:re*"])
      expect(permissionsOf("admin", [pattern]).size, pattern).to.equal(0);
  });
});
