"""Writes the schemas that the manifests and the Compose file are held against.

  pip download --no-deps kubernetes-validate==1.37.0
  go mod download -json github.com/compose-spec/compose-go/v2@v2.16.2    (its Dir is the second argument)
  python3 test/vectors/infra/make.py kubernetes_validate-1.37.0-py3-none-any.whl DIR

Both are made by others from what they describe: Kubernetes' published OpenAPI document, and the Compose Specification's own schema
(Apache-2.0, both). Of Kubernetes' definitions the ones that our kinds need are kept; descriptions are left out.
"""

import json
import sys
import zipfile
from pathlib import Path

KINDS = [
    "io.k8s.api.apps.v1.Deployment",
    "io.k8s.api.core.v1.Namespace",
    "io.k8s.api.core.v1.PersistentVolumeClaim",
    "io.k8s.api.core.v1.Service",
    "io.k8s.api.core.v1.ServiceAccount",
    "io.k8s.api.networking.v1.NetworkPolicy",
    "io.k8s.api.policy.v1.PodDisruptionBudget",
]
STRICT = "kubernetes_validate/kubernetes-json-schema/v1.37.0-local-strict/_definitions.json"


def bare(value, inside=None):
    """Without descriptions; a property that is called so stays."""
    if isinstance(value, list):
        return [bare(each) for each in value]
    if not isinstance(value, dict):
        return value
    named = inside in ("properties", "patternProperties", "$defs", "definitions")
    return {key: bare(each, key) for key, each in value.items() if named or key != "description"}


def references(value):
    if isinstance(value, dict):
        for key, each in value.items():
            if key == "$ref":
                yield each.rsplit("/", 1)[1]
            else:
                yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def kubernetes(wheel):
    with zipfile.ZipFile(wheel) as archive:
        definitions = json.loads(archive.read(STRICT))["$defs"]
    kept, wanted = {}, list(KINDS)
    while wanted:
        name = wanted.pop()
        if name not in kept:
            kept[name] = bare(definitions[name])
            wanted.extend(references(kept[name]))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": dict(sorted(kept.items()))}


def write(name, schema):
    """One definition a line."""
    *rest, (last, definitions) = schema.items()
    assert last in ("$defs", "definitions")
    head = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in rest]
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in definitions.items())
    text = "{" + ",\n".join([*head, f"{json.dumps(last)}: {{\n{lines}\n}}"]) + "}\n"
    (Path(__file__).parent / name).write_text(text, encoding="utf8")


write("kubernetes-1.37.json", kubernetes(sys.argv[1]))
write("compose-2.16.json", bare(json.loads((Path(sys.argv[2]) / "schema/compose-spec.json").read_text())))
