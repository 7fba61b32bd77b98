import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../../../src/chain/local-node.ts";
import { CheckError } from "../../../src/core/errors.ts";
import { ROOT, type Started, start } from "../support/process.ts";
import type { Stage } from "./stage.ts";

/** Of the certificate's authority, the certificate and nginx; relative to the root. */
const FOLDER = "build/runbooks/edge";
const READY_MS = 10_000;

/** nginx with a certificate of an authority of the rehearsal's own. */
export interface Edge {
  /** What the page's steps are told: CERTIFICATE, CERTIFICATE_KEY, AUTHORITY, EDGE, NGINX_CONF. */
  readonly inputs: Readonly<Record<"EDGE", string>> & Readonly<Record<string, string>>;
  close(): Promise<unknown>;
}

/** @param days How long its certificate holds. */
export async function openEdge(stage: Stage, days: number): Promise<Edge> {
  await stage.sh(`umask 077
rm -rf ${FOLDER} && mkdir ${FOLDER}
P256="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
openssl req -x509 $P256 -days 30 -subj /CN=authority -keyout ${FOLDER}/authority.key -out ${FOLDER}/authority.pem
openssl req $P256 -subj /CN=edge.example -addext subjectAltName=DNS:edge.example -keyout ${FOLDER}/edge.key -out ${FOLDER}/edge.csr
openssl x509 -req -in ${FOLDER}/edge.csr -CA ${FOLDER}/authority.pem -CAkey ${FOLDER}/authority.key -days ${days} -copy_extensions copy -out ${FOLDER}/edge.pem`);
  const [port = 0] = await freePorts(1);
  const configuration = join(ROOT, FOLDER, "nginx.conf");
  writeFileSync(configuration, configurationOf(port));
  const nginx = start(["nginx", "-e", "stderr", "-c", configuration, "-g", "daemon off;"], {
    env: stage.env,
    logFile: "build/test/runbooks/nginx.log",
  });
  await untilServed(nginx, port);
  return {
    inputs: {
      CERTIFICATE: `${FOLDER}/edge.pem`,
      CERTIFICATE_KEY: `${FOLDER}/edge.key`,
      AUTHORITY: `${FOLDER}/authority`,
      EDGE: `127.0.0.1:${port}`,
      NGINX_CONF: configuration,
    },
    close: () => nginx.stop(5),
  };
}

function configurationOf(port: number): string {
  const folder = join(ROOT, FOLDER);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  ${temporary.map((each) => `${each}_temp_path ${folder}/${each};`).join("\n  ")}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${folder}/edge.pem;
    ssl_certificate_key ${folder}/edge.key;
    return 204;
  }
}
`;
}

async function untilServed(nginx: Started, port: number): Promise<void> {
  const last = performance.now() + READY_MS;
  while (performance.now() < last) {
    // Without TLS it is refused, by somebody who is there.
    const answered = await fetch(`http://127.0.0.1:${port}`).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await sleep(50);
  }
  await nginx.stop(0);
  throw new CheckError(`nginx is not up\n${nginx.output()}`);
}
