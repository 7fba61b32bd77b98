/** A file of a rendering: what another system reads as its configuration. */
export interface RenderedFile {
  /** Relative to the folder of all renderings, `infra/monitoring`, e.g. `prometheus/rules.yml`. */
  readonly path: string;
  /** Ends with a newline. The same rules give the same text, always. */
  readonly text: string;
}
