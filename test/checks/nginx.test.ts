import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request as plainRequest, type Server } from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { expect } from "chai";
import { ROOT } from "../../scripts/checks/support/process.ts";
import { freePorts } from "../../src/chain/local-node.ts";
import { needs } from "../support/needs.ts";

const HOST = "log.example";
const STREAM = "/v1/stores/6ba7b810-9dad-11d1-80b4-00c04fd430c8/events";

describe("nginx before the log", function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), "proofx-nginx-"));
  let upstream: Server;
  let nginx: ChildProcess | undefined;
  let tls: number;
  let http: number;
  const seen: string[] = [];

  before(async function () {
    needs(this, { command: "nginx", install: "apt-get install nginx-light" });
    needs(this, { command: "openssl", install: "apt-get install openssl" });
    // Its workers are another user when it is started by root.
    chmodSync(folder, 0o755);
    upstream = createServer((incoming, answer) => {
      seen.push(`${incoming.method} ${incoming.url}`);
      if (incoming.url?.endsWith("/events/stream")) {
        answer.writeHead(200, { "content-type": "text/event-stream" });
        answer.write("id: 1\ndata: first\n\n");
        return;
      }
      incoming.resume().on("end", () => answer.end("upstream"));
    });
    await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
    [tls = 0, http = 0] = await freePorts(2);
    execFileSync(
      "openssl",
      [
        ...[
          "req",
          "-x509",
          "-newkey",
          "ec",
          "-pkeyopt",
          "ec_paramgen_curve:prime256v1",
          "-nodes",
          "-days",
          "1",
        ],
        ...["-subj", `/CN=${HOST}`, "-keyout", join(folder, "tls.key"), "-out", join(folder, "tls.crt")],
      ],
      { stdio: "ignore" },
    );
    const { port } = upstream.address() as AddressInfo;
    writeFileSync(
      join(folder, "nginx.conf"),
      moved(readFileSync(join(ROOT, "infra/nginx/nginx.conf"), "utf8"), port),
    );
    nginx = spawn("nginx", ["-c", join(folder, "nginx.conf"), "-p", folder, "-g", "daemon off;"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    await untilListening(tls, nginx);
  });
  after(async () => {
    if (nginx !== undefined && nginx.exitCode === null) {
      const ended = new Promise((resolve) => nginx?.once("close", resolve));
      nginx.kill("SIGTERM");
      await ended;
    }
    upstream?.closeAllConnections();
    upstream?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The configuration as it is shipped, at home in a temporary folder. */
  const moved = (config: string, port: number): string =>
    config
      .replaceAll("/tmp/", `${folder}/`)
      .replaceAll("/etc/proofx-tls", folder)
      .replaceAll("/dev/stdout", join(folder, "access.log"))
      .replace(/server (sequencer|witness):\d+;/g, `server 127.0.0.1:${port};`)
      .replace(/listen 8080/g, `listen 127.0.0.1:${http}`)
      .replace(/listen 8443/g, `listen 127.0.0.1:${tls}`);

  const ask = (path: string, options: { method?: string; body?: Buffer; host?: string } = {}) =>
    new Promise<IncomingMessage & { text: string }>((resolve, reject) => {
      const { method = "GET", body, host = HOST } = options;
      const sent = request(
        {
          host: "127.0.0.1",
          port: tls,
          servername: host,
          path,
          method,
          rejectUnauthorized: false,
          headers: { host, ...(body ? { "content-length": body.length } : {}) },
          agent: false,
        },
        (answer) => {
          let text = "";
          answer.on("data", (chunk) => (text += chunk));
          answer.on("end", () => resolve(Object.assign(answer, { text })));
          answer.on("error", reject);
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  const handshake = (maxVersion: "TLSv1.2" | "TLSv1.3", servername = HOST): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect({
        host: "127.0.0.1",
        port: tls,
        servername,
        maxVersion,
        minVersion: "TLSv1.2",
        rejectUnauthorized: false,
      });
      socket.once("secureConnect", () => {
        resolve(`${socket.getProtocol()} ${socket.getCipher().name}`);
        socket.destroy();
      });
      socket.once("error", () => resolve("refused"));
    });

  it("takes its shipped configurations", () => {
    execFileSync("nginx", ["-t", "-c", join(folder, "nginx.conf"), "-p", folder], { stdio: "pipe" });
    const egress = join(folder, "egress");
    cpSync(join(ROOT, "infra/nginx/rpc-egress.conf"), egress);
    const text = readFileSync(egress, "utf8")
      .replaceAll("/tmp/", `${folder}/e-`)
      .replace(/\/etc\/ssl\S+\.crt/, join(folder, "tls.crt"));
    writeFileSync(egress, text.replace("listen 8545", `listen 127.0.0.1:${http}`));
    execFileSync("nginx", ["-t", "-c", egress, "-p", folder], { stdio: "pipe" });
  });

  it("speaks TLS 1.3 and nothing older, with the suite it prefers", async () => {
    expect(await handshake("TLSv1.3")).to.match(/^TLSv1\.3 TLS_/);
    expect(await handshake("TLSv1.2")).to.equal("refused");
  });

  it("has no certificate for another name", async () => {
    expect(await handshake("TLSv1.3", "other.example")).to.equal("refused");
  });

  it("hands the interface on, and tells browsers to stay with TLS", async () => {
    const { statusCode, headers, text } = await ask("/v1/keys");
    expect(statusCode).to.equal(200);
    expect(text).to.equal("upstream");
    expect(headers["strict-transport-security"]).to.match(/max-age=63072000/);
    expect(headers.server).to.equal("nginx");
  });

  for (const path of [
    "/metrics",
    "/ready",
    "/health",
    "/",
    "/v1/../metrics",
    "/v1/%2e%2e/metrics",
    "//metrics",
  ])
    it(`keeps ${path} to itself`, async () => {
      const before = seen.length;
      expect((await ask(path)).statusCode).to.equal(404);
      expect(seen.slice(before)).to.deep.equal([]);
    });

  it("refuses a large event, and takes a large batch", async () => {
    const body = Buffer.alloc(2 * 2 ** 20);
    expect((await ask(STREAM, { method: "POST", body })).statusCode).to.equal(413);
    expect((await ask(`${STREAM}/batch`, { method: "POST", body })).statusCode).to.equal(200);
    const huge = await ask(`${STREAM}/batch`, { method: "POST", body: Buffer.alloc(11 * 2 ** 20) }).catch(
      () => null,
    );
    expect(huge?.statusCode ?? 413).to.equal(413);
  });

  it("hands an event of a stream on as soon as it comes", async () => {
    const first = await new Promise<string>((resolve, reject) => {
      const sent = request(
        {
          host: "127.0.0.1",
          port: tls,
          servername: HOST,
          path: `${STREAM}/stream`,
          rejectUnauthorized: false,
          headers: { host: HOST },
          agent: false,
        },
        (answer) =>
          answer.once("data", (chunk: Buffer) => {
            resolve(chunk.toString());
            sent.destroy();
          }),
      );
      sent.once("error", reject);
      sent.end();
    });
    expect(first).to.contain("data: first");
  });

  it("sends who comes without TLS to where there is some", async () => {
    const location = await new Promise<string | undefined>((resolve, reject) =>
      plainRequest(
        { host: "127.0.0.1", port: http, path: "/v1/keys", headers: { host: HOST }, agent: false },
        (answer) => {
          answer.resume();
          resolve(answer.headers.location);
        },
      )
        .once("error", reject)
        .end(),
    );
    expect(location).to.equal(`https://${HOST}/v1/keys`);
  });

  it("writes no query and no credential into its log", async () => {
    await ask("/v1/stores?secret=1");
    expect(readFileSync(join(folder, "access.log"), "utf8"))
      .to.contain("/v1/stores")
      .and.not.to.contain("secret");
  });
});

async function untilListening(port: number, nginx: ChildProcess): Promise<void> {
  let said = "";
  nginx.stderr?.on("data", (chunk) => (said += chunk));
  for (;;) {
    if (nginx.exitCode !== null) throw new Error(`nginx ended: ${said}`);
    const up = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: "127.0.0.1", port, servername: HOST, rejectUnauthorized: false });
      socket.once("secureConnect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("secureConnect", () => socket.destroy());
    });
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
