/** What an incident's command answers with `--json`, as far as the story tells it. */
export interface IncidentJson {
  readonly status: string;
  readonly steps: readonly {
    readonly id: string;
    readonly title: string;
    readonly data?: { readonly fallen?: readonly { readonly agent: string }[] };
  }[];
}

/** Who has to prove again. */
export function fallenOf({ steps }: IncidentJson): readonly { readonly agent: string }[] {
  return steps.find(({ id }) => id === "list")?.data?.fallen ?? [];
}
