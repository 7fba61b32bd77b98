import { execFileSync } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { expect } from "chai";
import { keysSettings, RotationRecords, retireKey, rotateKey } from "../../../src/keys/index.ts";
import { open } from "../../keys/support.ts";
import { needs } from "../../support/needs.ts";
import { found, probeOf } from "./support.ts";

const DAY_MS = 86_400_000;

describe("probes of a machine", () => {
  const folder = mkdtempSync(join(tmpdir(), "proofx-probes-"));
  const servers: { close(): unknown }[] = [];
  after(() => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });

  async function serve(handler: Parameters<typeof createServer>[1]): Promise<string> {
    const server: Server = createServer(handler);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it("disk: in breach below the limit, unknown for a folder that is not there", async () => {
    const full = probeOf("disk", { disks: [folder], disk_free: 0.999999 });
    expect((await found(full, folder)).breached).to.equal(true);
    const roomy = probeOf("disk", { disks: [folder, join(folder, "none")], disk_free: 0.000001 });
    expect((await found(roomy, folder)).breached).to.equal(false);
    expectNear((await found(roomy, folder)).value, 0.5, 0.5);
    expect((await found(roomy, join(folder, "none"))).breached).to.equal(undefined);
  });

  it("backups-missing: the newest whole file counts, and none at all is a breach", async () => {
    const backups = join(folder, "backups");
    const settings = { backups: [{ name: "log", folder: backups, max_age: 3_600 }] };
    const now = Date.now();
    const probe = probeOf("backups-missing", settings, { now: () => now });
    expect((await found(probe, "log")).breached).to.equal(true);
    mkdirSync(backups);
    const old = join(backups, "old");
    writeFileSync(old, "whole");
    utimesSync(old, (now - 3_601_000) / 1000, (now - 3_601_000) / 1000);
    // What is being written is no backup yet.
    writeFileSync(join(backups, "new.tmp"), "half");
    writeFileSync(join(backups, "empty"), "");
    expect(await found(probe, "log")).to.include({ breached: true, value: 3_601 });
    utimesSync(old, (now - 3_599_000) / 1000, (now - 3_599_000) / 1000);
    expect(await found(probe, "log")).to.include({ breached: false, value: 3_599 });
  });

  it("dead-letters: one is enough", async () => {
    const letters = join(folder, "dead-letters");
    const probe = probeOf("dead-letters", {}, { deadLetters: letters });
    expect(await found(probe)).to.include({ breached: false, value: 0 });
    mkdirSync(letters);
    writeFileSync(join(letters, "1.json"), "{}");
    expect(await found(probe)).to.include({ breached: true, value: 1 });
  });

  it("keys-due: overdue keys and scheduled ones that are missing; retired ones are no subject", async () => {
    const keys = open(join(folder, "keys"));
    await keys.create("signer", "secp256k1");
    const records = new RotationRecords(join(folder, "keys"));
    const { schedule } = keysSettings.parse({
      schedule: { signers: { keys: ["signer", "absent"], days: 90, warn_days: 14 } },
    });
    const at = (days: number) =>
      probeOf("keys-due", {}, { keys: { keys, records, schedule }, now: () => Date.now() + days * DAY_MS });
    expect(await found(at(89), "signer")).to.include({ breached: false, value: 89 });
    expect(await found(at(91), "signer")).to.include({ breached: true, value: 91 });
    expect(await found(at(0), "absent")).to.include({ breached: true });
    const elsewhere = { keys, records, schedule, required: ["signer"] };
    const named = (await probeOf("keys-due", {}, { keys: elsewhere }).look()).map(({ subject }) => subject);
    expect(named).to.deep.equal(["signer"]);
    await rotateKey(keys, records, "signer");
    await retireKey(keys, records, "signer");
    const subjects = (await at(91).look()).map(({ subject }) => subject);
    expect(subjects).to.have.members(["signer.v2", "absent"]);
  });

  it("service-down: a breach after as many failed looks in a row as are borne, with the obstacles", async () => {
    let ready = true;
    const url = await serve((_request, response) => {
      response.statusCode = ready ? 200 : 503;
      response.end(JSON.stringify({ ready, obstacles: ready ? [] : ["the queue's database is away"] }));
    });
    const probe = probeOf("service-down", { services: { prover: url }, service_patience: 2 });
    expect((await found(probe, "prover")).breached).to.equal(false);
    ready = false;
    expect((await found(probe, "prover")).breached).to.equal(false);
    const down = await found(probe, "prover");
    expect(down.breached).to.equal(true);
    expect(down.summary).to.include("the queue's database is away");
    ready = true;
    expect((await found(probe, "prover")).breached).to.equal(false);
    const nobody = probeOf("service-down", {
      services: { anchor: "http://127.0.0.1:9" },
      service_patience: 1,
    });
    expect((await found(nobody, "anchor")).breached).to.equal(true);
  });

  it("clock-skew: by SNTP and by a service's Date, beyond what the measuring leaves open", async () => {
    const server = await startSntp(-7_000);
    servers.push(server.socket);
    const url = await serve((_request, response) => {
      response.setHeader("date", new Date(Date.now() + 60_000).toUTCString());
      response.end("{}");
    });
    const probe = probeOf("clock-skew", {
      time_servers: [server.address],
      services: { relayer: url },
      clock_skew: 5,
    });
    const byTimeServer = await found(probe, server.address);
    expect(byTimeServer.breached).to.equal(true);
    expectNear(byTimeServer.value, 7, 0.5);
    const byService = await found(probe, "relayer");
    expect(byService.breached).to.equal(true);
    expectNear(byService.value, -60, 1.5);
    const patient = probeOf("clock-skew", { time_servers: [server.address], clock_skew: 8 });
    expect((await found(patient, server.address)).breached).to.equal(false);
  });

  it("certificate-expiry: of a file and of what a server shows, the first of a chain to end", async function () {
    needs(this, { command: "openssl", install: "apt-get install openssl" });
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const names = ["-subj", "/CN=log.example", "-days", "30", "-keyout", key, "-out", cert];
    execFileSync("openssl", [...request, ...names], { stdio: "pipe" });
    const tls = createTlsServer({ cert: readFileSync(cert), key: readFileSync(key) });
    servers.push(tls);
    await new Promise<void>((resolve) => tls.listen(0, "127.0.0.1", resolve));
    const address = `127.0.0.1:${(tls.address() as AddressInfo).port}`;
    const certificates = [
      { name: "file", file: cert },
      { name: "shown", address },
      { name: "nobody", address: "127.0.0.1:9" },
    ];
    const at = (days: number) =>
      probeOf(
        "certificate-expiry",
        { certificates, certificate_days: 21 },
        { now: () => Date.now() + days * DAY_MS },
      );
    for (const name of ["file", "shown"]) {
      expect((await found(at(0), name)).breached, name).to.equal(false);
      const late = await found(at(10), name);
      expect(late.breached, name).to.equal(true);
      expectNear(late.value, 20, 0.1);
      expect(late.details?.subject, name).to.include("log.example");
    }
    expect((await found(at(0), "nobody")).breached).to.equal(undefined);
  });
});

/** A time server whose clock is off. */
async function startSntp(offset: number): Promise<{ socket: Socket; address: string }> {
  const socket = createSocket("udp4");
  socket.on("message", (request, { port, address }) => {
    const answer = Buffer.alloc(48);
    answer[0] = 0x24; // version 4, server
    answer[1] = 2;
    request.copy(answer, 24, 40, 48);
    const time = (Date.now() + offset) / 1000 + 2_208_988_800;
    for (const place of [32, 40]) {
      answer.writeUInt32BE(Math.floor(time), place);
      answer.writeUInt32BE(Math.floor((time % 1) * 2 ** 32), place + 4);
    }
    socket.send(answer, port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { socket, address: `127.0.0.1:${socket.address().port}` };
}

/** Hardhat's matchers, which other tests of the suite bring in, take whole numbers only. */
function expectNear(value: number | undefined, wanted: number, by: number): void {
  expect(Math.abs((value ?? Number.NaN) - wanted) <= by, `${value} near ${wanted}`).to.equal(true);
}
