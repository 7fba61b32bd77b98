import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect } from "chai";
import { parse, parseAllDocuments } from "yaml";
import { ROOT } from "../../scripts/checks/support/process.ts";

/** A Kubernetes object. */
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

type Named = { readonly metadata: { readonly name: string } };
interface Container {
  readonly ports?: readonly { readonly name: string }[];
  readonly volumeMounts?: readonly { readonly name: string }[];
  readonly resources: Readonly<Record<"requests" | "limits", Readonly<Record<string, string>>>>;
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
}
interface Probe {
  readonly httpGet?: { readonly port: string };
  readonly tcpSocket?: { readonly port: string };
}
interface Deployed extends Named {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly serviceAccountName: string;
        readonly containers: readonly Container[];
        readonly initContainers?: readonly Container[];
        readonly volumes: readonly {
          readonly name: string;
          readonly persistentVolumeClaim?: { readonly claimName: string };
        }[];
      };
    };
  };
}
interface Service extends Named {
  readonly spec: {
    readonly type?: string;
    readonly selector: Readonly<Record<string, string>>;
    readonly ports: readonly { readonly targetPort: string }[];
  };
}

const INFRA = join(ROOT, "infra");
const KINDS: Readonly<Record<string, string>> = {
  "apps/v1 Deployment": "io.k8s.api.apps.v1.Deployment",
  "v1 Namespace": "io.k8s.api.core.v1.Namespace",
  "v1 PersistentVolumeClaim": "io.k8s.api.core.v1.PersistentVolumeClaim",
  "v1 Service": "io.k8s.api.core.v1.Service",
  "v1 ServiceAccount": "io.k8s.api.core.v1.ServiceAccount",
  "networking.k8s.io/v1 NetworkPolicy": "io.k8s.api.networking.v1.NetworkPolicy",
  "policy/v1 PodDisruptionBudget": "io.k8s.api.policy.v1.PodDisruptionBudget",
};
const schema = (name: string): object =>
  JSON.parse(readFileSync(join(ROOT, "test/vectors/infra", name), "utf8"));
const ajv = new Ajv2020({ strict: false, allErrors: true });
(addFormats as unknown as (to: Ajv2020) => void)(ajv);
ajv.addSchema(schema("kubernetes-1.37.json"), "kubernetes");
const compose = ajv.compile(schema("compose-2.16.json"));

const manifests: Manifest[] = readdirSync(join(INFRA, "kubernetes")).flatMap((file) =>
  parseAllDocuments(readFileSync(join(INFRA, "kubernetes", file), "utf8")).map((each) => each.toJS()),
);
const composeFile = (): Json => parse(readFileSync(join(INFRA, "compose.yaml"), "utf8"), { merge: true });

type Json = Record<string, never>;

/** Faults of a manifest by the schema of its kind; a kind without one is a fault. */
function faultsOf(manifest: Manifest): string[] {
  const name = KINDS[`${manifest.apiVersion} ${manifest.kind}`];
  const check = name === undefined ? undefined : ajv.getSchema(`kubernetes#/$defs/${name}`);
  if (check === undefined) return [`no schema for ${manifest.apiVersion} ${manifest.kind}`];
  return refusals(check, manifest);
}

function refusals(check: ValidateFunction, value: unknown): string[] {
  check(value);
  return (check.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath, message, JSON.stringify(params)].join(" "),
  );
}

/** A quantity as Kubernetes writes it; NaN for another text. */
function bytesOf(quantity: string): number {
  const [, number = "", unit = "?"] = /^(\d+(?:\.\d+)?)(m|k|M|G|Ki|Mi|Gi|)$/.exec(String(quantity)) ?? [];
  const units = { "": 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };
  return Number(number) * (units[unit as keyof typeof units] ?? Number.NaN);
}

/** A copy in which what stands at a path of keys is another; nothing is there before a new key. */
function changed<T>(whole: T, path: readonly (string | number)[], value: unknown): T {
  const copy = structuredClone(whole);
  const inner = path.slice(0, -1).reduce<Json>((each, key) => each[key] as unknown as Json, copy as Json);
  Object.assign(inner, { [path.at(-1) ?? ""]: value });
  return copy;
}

describe("The manifests, held against Kubernetes' published schemas", () => {
  const one = (kind: string): Manifest => {
    const found = manifests.find((each) => each.kind === kind && each.metadata.name === "sequencer");
    if (found === undefined) throw new Error(`the sequencer has no ${kind}`);
    return found;
  };
  const container = ["spec", "template", "spec", "containers", 0];

  it("are what the server of version 1.37 takes, with no field that it does not know", () => {
    expect(manifests.length).to.be.greaterThan(40);
    for (const manifest of manifests)
      expect(faultsOf(manifest), `${manifest.kind} ${manifest.metadata.name}`).to.deep.equal([]);
  });

  it("would be refused for a word that is misspelt, of another type or version, or missing", () => {
    const planted: readonly (readonly [string, Manifest])[] = [
      ["readynessProbe", changed(one("Deployment"), [...container, "readynessProbe"], {})],
      ["/replicas", changed(one("Deployment"), ["spec", "replicas"], "two")],
      ["/containerPort", changed(one("Deployment"), [...container, "ports", 0, "containerPort"], "http")],
      ["/drop", changed(one("Deployment"), [...container, "securityContext", "capabilities", "drop"], "ALL")],
      ["'selector'", changed(one("Deployment"), ["spec"], { template: {} })],
      ["no schema", changed(one("Deployment"), ["apiVersion"], "apps/v1beta1")],
      ["podselector", changed(one("NetworkPolicy"), ["spec", "ingress", 0, "from", 0, "podselector"], {})],
      ["/ports/0", changed(one("Service"), ["spec", "ports", 0], { name: "http" })],
      ["maxUnavailable", changed(one("PodDisruptionBudget"), ["spec", "maxUnavailable"], true)],
    ];
    for (const [words, manifest] of planted) expect(faultsOf(manifest).join("\n"), words).to.contain(words);
  });
});

describe("What a schema does not see in the manifests", () => {
  const of = <T extends object = Named>(kind: string): T[] =>
    manifests.filter((each) => each.kind === kind) as unknown as T[];
  const names = (list: readonly { readonly name: string }[] = []): string[] => list.map(({ name }) => name);

  it("names only accounts, volumes, claims and ports that there are", () => {
    const accounts = names(of("ServiceAccount").map(({ metadata }) => metadata));
    const claims = names(of("PersistentVolumeClaim").map(({ metadata }) => metadata));
    for (const { metadata, spec } of of<Deployed>("Deployment")) {
      const { containers, initContainers = [], serviceAccountName, volumes } = spec.template.spec;
      expect(accounts, metadata.name).to.include(serviceAccountName);
      for (const { persistentVolumeClaim } of volumes)
        if (persistentVolumeClaim !== undefined) expect(claims).to.include(persistentVolumeClaim.claimName);
      const mounted = [...initContainers, ...containers].flatMap(({ volumeMounts }) => names(volumeMounts));
      expect([...new Set(mounted)].sort(), metadata.name).to.deep.equal(names(volumes).sort());
      for (const { ports, ...container } of containers)
        for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe])
          if (probe !== undefined)
            expect(names(ports), metadata.name).to.include((probe.httpGet ?? probe.tcpSocket)?.port);
    }
  });

  it("has every service lead to pods that listen on its port", () => {
    for (const { metadata, spec } of of<Service>("Service")) {
      if (spec.type === "ExternalName") continue;
      const [pods, ...more] = of<Deployed>("Deployment").filter(({ spec: { template } }) =>
        Object.entries(spec.selector).every(([label, value]) => template.metadata.labels[label] === value),
      );
      expect(more, metadata.name).to.deep.equal([]);
      const listening = pods?.spec.template.spec.containers.flatMap(({ ports }) => names(ports));
      for (const { targetPort } of spec.ports) expect(listening, metadata.name).to.include(targetPort);
    }
  });

  it("writes amounts as Kubernetes reads them, and never asks for more than it may use", () => {
    for (const { metadata, spec } of of<Deployed>("Deployment"))
      for (const { resources } of spec.template.spec.containers) {
        for (const amount of Object.values({ ...resources.requests, ...resources.limits }))
          expect(bytesOf(amount), `${metadata.name} ${amount}`).to.be.greaterThan(0);
        for (const [what, limit] of Object.entries(resources.limits))
          expect(bytesOf(resources.requests[what] ?? limit)).to.be.at.most(bytesOf(limit));
      }
  });
});

describe("The Compose file, held against the Compose Specification's schema", () => {
  it("is what the specification allows, once its merges are made", () => {
    expect(refusals(compose, composeFile())).to.deep.equal([]);
  });

  it("would be refused for a word that is misspelt, or of another type", () => {
    const service = ["services", "sequencer"];
    const planted: readonly (readonly [string, unknown])[] = [
      ["readonly", changed(composeFile(), [...service, "readonly"], true)],
      ["/expose", changed(composeFile(), [...service, "expose"], { http: 8440 })],
      ["/depends_on", changed(composeFile(), [...service, "depends_on"], { postgres: { condition: "up" } })],
      ["/networks/front/internal", changed(composeFile(), ["networks", "front", "internal"], 7)],
      ["service", changed(composeFile(), ["service"], {})],
    ];
    for (const [words, file] of planted) expect(refusals(compose, file).join("\n"), words).to.contain(words);
  });
});
