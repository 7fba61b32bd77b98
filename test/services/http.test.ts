import { once } from "node:events";
import { connect } from "node:net";
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect } from "chai";
import { Gauge } from "prom-client";
import { z } from "zod";
import { type HttpService, type RunningHttp, startHttp } from "../../src/services/support/http.ts";
import { createLog } from "../../src/services/support/log.ts";
import { createMetrics } from "../../src/services/support/metrics.ts";
import { Problem } from "../../src/services/support/problem.ts";
import { httpSettings } from "../../src/services/support/settings.ts";

const SECRET = "a-value-that-must-not-come-back";

describe("What every service answers over HTTP", () => {
  let running: RunningHttp;
  let release: () => void;
  let obstacles: string[] = [];

  beforeEach(async () => {
    obstacles = [];
    const held = Promise.withResolvers<void>();
    release = held.resolve;
    running = await startHttp(
      echoService(held.promise, () => obstacles),
      httpSettings.parse({ port: 0, stop_timeout: 1 }),
    );
  });
  afterEach(async () => {
    release();
    await running.close();
  });

  const post = (body: string, type = "application/json") =>
    fetch(`${running.url}/v1/echo`, { method: "POST", body, headers: { "content-type": type } });

  it("a refusal is problem+json with a stable code, and never repeats what was sent", async () => {
    const bad: [string, string, string, number][] = [
      [`{"text": "${SECRET}"`, "application/json", "invalid-json", 400],
      [`{"__proto__": {"x": "${SECRET}"}}`, "application/json", "invalid-json", 400],
      ["", "application/json", "invalid-json", 400],
      [`{"txt": "${SECRET}"}`, "application/json", "invalid-request", 400],
      [SECRET, "text/plain", "unsupported-media-type", 415],
      [JSON.stringify({ text: "x".repeat(70_000) }), "application/json", "too-large", 413],
      [`{"text": "${SECRET}-fail"}`, "application/json", "internal", 500],
    ];
    for (const [body, type, code, status] of bad) {
      const answer = await post(body, type);
      const text = await answer.text();
      expect(answer.status, code).to.equal(status);
      expect(answer.headers.get("content-type")).to.match(/^application\/problem\+json/);
      expect(JSON.parse(text)).to.include({ code, status, type: `urn:proofx:problem:${code}` });
      expect(text).not.to.include(SECRET);
    }
  });

  it("a schema fault is pointed at", async () => {
    const problem = (await (await post('{"text": 7}')).json()) as { errors: { pointer: string }[] };
    expect(problem.errors.map(({ pointer }) => pointer)).to.deep.equal(["#/text"]);
  });

  it("a route's own refusal carries its status and Retry-After", async () => {
    const answer = await post('{"text": "busy"}');
    expect(answer.status).to.equal(429);
    expect(answer.headers.get("retry-after")).to.equal("7");
  });

  it("an unknown path is a problem, too", async () => {
    const answer = await fetch(`${running.url}/v1/nothing`);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).to.deep.equal([
      404,
      "not-found",
    ]);
  });

  it("bytes that are no HTTP end that connection and nothing else", async () => {
    const { port } = new URL(running.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () => socket.end("\0\xff\r\n\r\n"));
      socket
        .on("close", () => resolve())
        .on("error", () => undefined)
        .resume();
    });
    expect((await post('{"text": "hello"}')).status).to.equal(200);
  });

  it("the OpenAPI 3.1 document is valid and names the route", async () => {
    const document = (await (await fetch(`${running.url}/v1/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, unknown>;
    };
    expect(document.openapi).to.match(/^3\.1/);
    expect(document.paths).to.have.property("/v1/echo");
    expect((await new Validator().validate(document)).valid).to.equal(true);
  });

  it("readiness tells every obstacle; health does not depend on them", async () => {
    obstacles = ["no database"];
    const ready = await fetch(`${running.url}/ready`);
    expect([ready.status, await ready.json()]).to.deep.equal([503, { ready: false, obstacles }]);
    expect((await fetch(`${running.url}/health`)).status).to.equal(200);
  });

  it("metrics count answers by route and status, never by URL", async () => {
    await post('{"text": "hello"}');
    await fetch(`${running.url}/v1/${SECRET}`);
    await post(`{"text": "${SECRET}-fail"}`);
    obstacles = ["not ready, which is no error"];
    await fetch(`${running.url}/ready`);
    const text = await (await fetch(`${running.url}/metrics`)).text();
    expect(text).to.match(/proofx_echo_http_requests_total\{[^}]*route="\/v1\/echo",status="200"[^}]*\} 1/);
    expect(text).to.include("process_cpu_seconds_total");
    expect(text).to.match(/proofx_echo_http_errors_total\{service="echo"\} 1/);
    expect(text).to.match(/proofx_echo_http_denied_total\{service="echo"\} 0/);
    expect(text).not.to.include(SECRET);
  });

  it("a stop lets the request under way finish and refuses new ones", async () => {
    const slow = post('{"text": "wait"}');
    await poll(async () =>
      (await (await fetch(`${running.url}/metrics`)).text()).includes(
        'proofx_echo_waiting{service="echo"} 1',
      ),
    );
    const closing = running.close();
    release();
    expect((await slow).status).to.equal(200);
    await closing;
    const refused = await post('{"text": "hello"}').catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(TypeError);
  });

  it("a stop does not wait for a connection that was opened ahead, and on which nothing was asked", async () => {
    const patient = await startHttp(
      echoService(Promise.resolve(), () => []),
      httpSettings.parse({ port: 0, stop_timeout: 3_600 }),
    );
    const ahead = connect(Number(new URL(patient.url).port), "127.0.0.1");
    await once(ahead, "connect");
    expect((await fetch(`${patient.url}/health`)).status).to.equal(200);
    await Promise.all([once(ahead, "close"), patient.close()]);
  });

  it("a stop does not wait for ever for a request that hangs", async () => {
    const hanging = post('{"text": "wait"}').catch(() => "cut");
    await poll(async () =>
      (await (await fetch(`${running.url}/metrics`)).text()).includes(
        'proofx_echo_waiting{service="echo"} 1',
      ),
    );
    await running.close();
    expect(await hanging).to.equal("cut");
  });
});

function echoService(held: Promise<void>, obstacles: () => string[]): HttpService {
  const metrics = createMetrics("echo");
  const waiting = new Gauge({
    name: "proofx_echo_waiting",
    help: "Requests held",
    registers: [metrics.registry],
  });
  return {
    name: "echo",
    description: "Answers what it was sent",
    problems: { busy: { status: 429, title: "Busy", remedy: "Wait." } },
    metrics,
    log: createLog("echo", "silent"),
    obstacles: async () => obstacles(),
    routes: (server) => {
      server.post(
        "/v1/echo",
        {
          schema: {
            summary: "Echo",
            body: z.strictObject({ text: z.string({ error: "text" }) }),
            response: { 200: z.object({ text: z.string() }) },
          },
        },
        async ({ body: { text } }) => {
          if (text === "busy") throw new Problem("busy", "the queue is full", { retryAfter: 7 });
          if (text.endsWith("-fail")) throw new Error(text);
          if (text === "wait") {
            waiting.inc();
            await held;
          }
          return { text };
        },
      );
    },
  };
}

async function poll(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
