import { expect } from "chai";
import { networkList } from "../../../src/sequencer/auth/index.ts";
import { clientAddress } from "../../../src/services/sequencer/client-address.ts";

describe("The address of who sent a request", () => {
  const trusted = networkList(["10.0.0.0/8", "::1"]);
  const of = (remoteAddress: string | undefined, forwarded?: string) =>
    clientAddress({ headers: { "x-forwarded-for": forwarded }, socket: { remoteAddress } }, trusted);

  it("is the peer's, whatever it says, unless it is a trusted proxy", () => {
    expect(of("192.0.2.1")).to.equal("192.0.2.1");
    expect(of("192.0.2.1", "203.0.113.5")).to.equal("192.0.2.1");
    expect(of("10.0.0.1", "203.0.113.5")).to.equal("203.0.113.5");
    expect(of("::ffff:10.0.0.1", "203.0.113.5")).to.equal("203.0.113.5");
    expect(of("::1", "2001:db8::5")).to.equal("2001:db8::5");
  });

  it("is the last that a trusted proxy saw: what a client wrote before it counts for nothing", () => {
    expect(of("10.0.0.1", "198.51.100.1, 203.0.113.5")).to.equal("203.0.113.5");
    expect(of("10.0.0.1", "198.51.100.1, 203.0.113.5, 10.0.0.2")).to.equal("203.0.113.5");
    expect(of("10.0.0.1", "10.0.0.3, 10.0.0.2")).to.equal("10.0.0.3");
    expect(of("10.0.0.1", "203.0.113.5, garbage")).to.equal("10.0.0.1");
    expect(of("10.0.0.1", "")).to.equal("10.0.0.1");
    expect(of(undefined, "203.0.113.5")).to.equal("");
  });
});
