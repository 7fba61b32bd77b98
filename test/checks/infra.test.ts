import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse, parseAllDocuments } from "yaml";
import { ROOT } from "../../scripts/checks/support/process.ts";
import { checkConfig } from "../../src/cli/config-file.ts";
import { parseToml } from "../../src/core/toml.ts";
import { proofx } from "../support/proofx.ts";

/** A Kubernetes object, as far as it is looked at. */
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Record<string, never>;
}

const INFRA = join(ROOT, "infra");
const CONFIG = join(INFRA, "proofx.toml");
const SERVICES = ["sequencer", "anchor", "witness", "prover", "relayer", "watcher"] as const;
const FOLDER = join(INFRA, "kubernetes");
const read = (...path: string[]): string => readFileSync(join(INFRA, ...path), "utf8");

interface Section {
  readonly http: { readonly port: number };
}
const section = (service: string, file = CONFIG): Section | undefined =>
  (parseToml(readFileSync(file, "utf8"), file) as unknown as Record<string, Section>)[service];

/** Every document of every manifest; a file that is no YAML throws. */
const manifests: Manifest[] = readdirSync(FOLDER).flatMap((file) =>
  parseAllDocuments(read("kubernetes", file), { strict: true, uniqueKeys: true }).map((document) => {
    if (document.errors.length > 0) throw new Error(`${file}: ${document.errors[0]?.message}`);
    return document.toJS() as Manifest;
  }),
);
const named = (kind: string, name: string): Manifest => {
  const found = manifests.filter((each) => each.kind === kind && each.metadata.name === name);
  expect(found, `${kind} ${name}`).to.have.length(1);
  return found[0] as Manifest;
};
/** What stands at a path of keys; undefined when it is not there. */
const at = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value);
const deployments = manifests.filter(({ kind }) => kind === "Deployment");
const policies = manifests.filter(({ kind }) => kind === "NetworkPolicy");
const label = (manifest: Manifest, ...path: string[]): unknown =>
  at(manifest, "spec", ...path, "app.kubernetes.io/name");

describe("What is deployed", function () {
  this.timeout(30_000);

  it("starts from settings that every service takes", () => {
    expect(checkConfig(CONFIG).filter(({ status }) => status === "fault")).to.deep.equal([]);
  });

  it("runs commands that there are", async () => {
    const { stdout } = await proofx(["--help"]);
    for (const service of SERVICES) expect(stdout).to.match(new RegExp(`^  ${service} `, "m"));
    const { stdout: log } = await proofx(["log", "--help"]);
    expect(log).to.match(/^ {2}init /m);
  });

  for (const service of SERVICES) {
    const port = (): number | undefined => section(service)?.http.port;

    it(`has the ${service} on its port, and reaches it by its labels`, () => {
      expect(port()).to.equal(section(service, join(ROOT, "config/proofx.toml"))?.http.port);
      const deployment = named("Deployment", service);
      const container = at(deployment, "spec", "template", "spec", "containers", 0);
      expect(at(container, "args")).to.deep.equal([service, "--config", "/etc/proofx/proofx.toml"]);
      expect(at(container, "ports", 0, "containerPort")).to.equal(port());
      for (const probe of ["startupProbe", "livenessProbe"])
        expect(at(container, probe, "httpGet", "path")).to.equal("/health");
      expect(at(container, "readinessProbe", "httpGet", "path")).to.equal("/ready");
      expect(at(named("Service", service), "spec", "ports", 0, "port")).to.equal(port());
      for (const kind of ["Service", "PodDisruptionBudget", "NetworkPolicy"] as const) {
        const selector = {
          Service: ["selector"],
          PodDisruptionBudget: ["selector", "matchLabels"],
          NetworkPolicy: ["podSelector", "matchLabels"],
        };
        expect(label(named(kind, service), ...selector[kind]), kind).to.equal(service);
      }
      expect(label(deployment, "selector", "matchLabels")).to.equal(service);
      expect(label(deployment, "template", "metadata", "labels")).to.equal(service);
    });

    it(`gives the ${service} every folder and file its settings name`, () => {
      const container = at(named("Deployment", service), "spec", "template", "spec", "containers", 0);
      const mounts = (at(container, "volumeMounts") as { mountPath: string }[]).map(
        ({ mountPath }) => mountPath,
      );
      const paths = JSON.stringify(section(service)).match(/"\/[^"]+"/g) ?? [];
      for (const path of paths.map((text) => text.slice(1, -1)))
        expect(
          mounts.some((mount) => path.startsWith(mount)),
          path,
        ).to.equal(true);
    });
  }

  it("runs nothing as root, with rights, with a writable system, or with secrets in its environment", () => {
    for (const deployment of deployments) {
      const { name } = deployment.metadata;
      const pod = at(deployment, "spec", "template", "spec");
      expect(at(pod, "automountServiceAccountToken"), name).to.equal(false);
      expect(at(pod, "securityContext"), name).to.include({ runAsNonRoot: true, runAsUser: 10001 });
      expect(at(pod, "securityContext", "seccompProfile", "type"), name).to.equal("RuntimeDefault");
      const containers = [
        ...((at(pod, "initContainers") as object[]) ?? []),
        ...(at(pod, "containers") as object[]),
      ];
      for (const container of containers) {
        const context = at(container, "securityContext");
        expect(context, name).to.include({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true });
        expect(at(context, "capabilities", "drop"), name).to.deep.equal(["ALL"]);
        expect(at(container, "resources", "limits", "memory"), name).to.be.a("string");
        for (const { name: variable } of (at(container, "env") as { name: string }[]) ?? [])
          expect(["PROOFX_KEYS", "PROOFX_PASSPHRASE_FILE"], name).to.include(variable);
      }
      for (const volume of at(pod, "volumes") as object[]) {
        if (at(volume, "secret") !== undefined)
          expect(at(volume, "secret", "defaultMode"), name).to.equal(0o440);
      }
    }
  });

  it("gives every pod a disruption budget and a policy of its own", () => {
    for (const { metadata } of deployments) {
      named("PodDisruptionBudget", metadata.name);
      expect(at(named("NetworkPolicy", metadata.name), "spec", "policyTypes")).to.deep.equal([
        "Ingress",
        "Egress",
      ]);
    }
  });

  it("denies by default, and lets nothing out to anywhere", () => {
    const deny = named("NetworkPolicy", "deny-by-default");
    expect(deny.spec).to.deep.equal({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    for (const policy of policies) {
      const { name } = policy.metadata;
      expect(JSON.stringify(policy), name).not.to.contain("/0");
      for (const rule of (at(policy, "spec", "egress") as object[]) ?? []) {
        expect(at(rule, "to"), name).to.be.an("array").that.is.not.empty;
        expect(at(rule, "ports"), name).to.be.an("array").that.is.not.empty;
      }
      for (const rule of (at(policy, "spec", "ingress") as object[]) ?? []) {
        if (name !== "edge") expect(at(rule, "from"), name).to.be.an("array").that.is.not.empty;
        expect(at(rule, "ports"), name).to.be.an("array").that.is.not.empty;
      }
    }
  });

  it("lets both ends of every way inside agree", () => {
    const inside = (name: string, way: "ingress" | "egress", peers: "from" | "to") =>
      ((at(named("NetworkPolicy", name), "spec", way) as object[]) ?? []).flatMap((rule) =>
        ((at(rule, peers) as object[]) ?? []).flatMap((peer) => {
          if (at(peer, "namespaceSelector") !== undefined || at(peer, "podSelector") === undefined) return [];
          const one = at(peer, "podSelector", "matchLabels", "app.kubernetes.io/name");
          const some = at(peer, "podSelector", "matchExpressions", 0, "values") as string[] | undefined;
          const port = at(rule, "ports", 0, "port");
          return (some ?? [one]).map((other) => `${String(other)}:${String(port)}`);
        }),
      );
    for (const { metadata } of deployments) {
      for (const way of inside(metadata.name, "egress", "to")) {
        const [to = "", port] = way.split(":");
        expect(inside(to, "ingress", "from"), `${metadata.name} to ${to}`).to.include(
          `${metadata.name}:${port}`,
        );
      }
    }
  });

  it("keeps state that one process alone may have on a volume of one pod, which is ended before the next begins", () => {
    for (const name of ["witness", "relayer", "watcher"]) {
      const deployment = named("Deployment", name);
      expect(at(deployment, "spec", "replicas")).to.equal(1);
      expect(at(deployment, "spec", "strategy", "type")).to.equal("Recreate");
      expect(at(named("PersistentVolumeClaim", `${name}-state`), "spec", "accessModes")).to.deep.equal([
        "ReadWriteOncePod",
      ]);
    }
  });

  it("names every manifest to kustomize", () => {
    const { resources } = parse(read("kustomization.yaml")) as { resources: string[] };
    expect(resources.map((path) => path.replace("kubernetes/", ""))).to.have.members(readdirSync(FOLDER));
  });
});

describe("The Compose file", () => {
  const compose = parse(read("compose.yaml"), { merge: true }) as {
    services: Record<string, Record<string, unknown>>;
    networks: Record<string, { internal?: boolean }>;
    volumes: Record<string, unknown>;
  };

  it("has every service with the command and port that Kubernetes has", () => {
    for (const service of SERVICES) {
      const own = compose.services[service];
      expect(own?.command).to.deep.equal([service, "--config", "/etc/proofx/proofx.toml"]);
      expect(own?.expose).to.deep.equal([String(section(service)?.http.port)]);
      expect(own).to.include({ user: "10001:10001", read_only: true });
      expect(own?.cap_drop).to.deep.equal(["ALL"]);
    }
  });

  it("lets Prometheus and the watcher reach every service, and Prometheus nothing outside", () => {
    for (const service of [...SERVICES, "prometheus", "alertmanager"])
      expect(compose.services[service]?.networks, service).to.include("watch");
    expect(compose.services.prometheus?.networks).to.deep.equal(["watch"]);
    expect(compose.networks.watch?.internal).to.equal(true);
  });

  it("opens the proxy's ports alone, and keeps the database where nothing goes out", () => {
    for (const [name, service] of Object.entries(compose.services))
      expect(service.ports !== undefined, name).to.equal(name === "edge");
    expect(compose.networks.database?.internal).to.equal(true);
    expect(compose.services.postgres?.networks).to.deep.equal(["database"]);
  });

  it("never turns off what makes an answer durable", () => {
    const command = String(compose.services.postgres?.command);
    for (const setting of ["fsync=on", "synchronous_commit=on", "full_page_writes=on"])
      expect(command).to.contain(setting);
  });

  it("names only networks and volumes that it has", () => {
    for (const service of Object.values(compose.services)) {
      for (const network of (service.networks as string[]) ?? [])
        expect(compose.networks).to.have.property(network);
      for (const volume of (service.volumes as string[]) ?? []) {
        const [source = ""] = volume.split(":");
        if (!source.startsWith("./")) expect(compose.volumes).to.have.property(source);
      }
    }
  });
});

describe("The image", () => {
  const file = read("Dockerfile");
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    bin: { proofx: string };
    scripts: { bench: string };
  };
  it("runs as an ordinary user, starts the command, and has no secret in it", () => {
    expect(file)
      .to.match(/^USER 10001:10001$/m)
      .and.to.match(/^ENTRYPOINT \["node", .*"\/opt\/proofx\/src\/cli\/main\.ts"\]$/m);
    expect(file).not.to.match(/ARG .*(KEY|TOKEN|PASS|SECRET)/i);
    expect(file).to.contain(manifest.bin.proofx);
  });
  it("gives Node the options that the command gives it, with which it is measured, too", () => {
    const optionsOf = (text = "") => text.match(/--[\w-]+=\d+/g);
    const [launcher] = readFileSync(join(ROOT, manifest.bin.proofx), "utf8").split("\n");
    expect(optionsOf(launcher)).to.have.length(2);
    expect(optionsOf(/^ENTRYPOINT .*$/m.exec(file)?.[0])).to.deep.equal(optionsOf(launcher));
    expect(optionsOf(manifest.scripts.bench)).to.deep.equal(optionsOf(launcher));
  });
  it("leaves out what must not be shipped", () => {
    const ignored = read("Dockerfile.dockerignore").split("\n");
    expect(ignored).to.include.members([".git", ".proofx", "node_modules"]);
  });
});
