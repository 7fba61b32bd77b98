import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";

/** `kubectl … deployment/relayer`: a thing of a namespace that a command names. */
const NAMED = /^kubectl\b.*?--namespace[= ](\S+).*?\s([a-z]+)\/([a-z0-9-]+)(?=\s|$)/;

/** What the manifests make, as commands name it: `proofx deployment/relayer`. */
export function clusterObjects(root: string): ReadonlySet<string> {
  const read = (file: string): string => readFileSync(join(root, "infra", file), "utf8");
  const { namespace } = parse(read("kustomization.yaml")) as { namespace: string };
  const objects = globSync("kubernetes/*.yaml", { cwd: join(root, "infra") }).flatMap((file) =>
    parseAllDocuments(read(file)).map(
      (document) => document.toJS() as { kind: string; metadata: { name: string } },
    ),
  );
  return new Set(objects.map(({ kind, metadata }) => `${namespace} ${kind.toLowerCase()}/${metadata.name}`));
}

/** The first thing that a script's `kubectl` names and no manifest makes; undefined when there is none. */
export function unknownInCluster(script: string, known: ReadonlySet<string>): string | undefined {
  for (const line of script.split("\n").map((each) => each.trim())) {
    if (!line.startsWith("kubectl ")) continue;
    const [, namespace, kind, name] = NAMED.exec(line) ?? [];
    if (namespace === undefined) return `${line}: expected --namespace NAME and KIND/NAME`;
    if (!known.has(`${namespace} ${kind}/${name}`)) return `infra has no ${kind}/${name} in ${namespace}`;
  }
  return undefined;
}
