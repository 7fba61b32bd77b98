import { StringDecoder } from "node:string_decoder";

/** Cuts one command's output out of a stream that goes on after it: hands on what comes before the mark, as it comes. */
export class OutputUntil {
  /** All that was handed on. */
  text = "";
  ended = false;
  readonly #mark: string;
  readonly #take: (text: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  /** What may be the beginning of the mark. */
  #held = "";

  constructor(mark: string, take: (text: string) => void) {
    this.#mark = mark;
    this.#take = take;
  }

  add(chunk: Buffer): void {
    const text = this.#held + this.#decoder.write(chunk);
    const at = text.indexOf(this.#mark);
    if (at !== -1) this.ended = true;
    const end = at === -1 ? text.length - beginningAtEnd(text, this.#mark) : at;
    this.#held = at === -1 ? text.slice(end) : "";
    this.#handOn(text.slice(0, end));
  }

  /** The stream has ended without the mark: all of it was output. */
  close(): void {
    if (this.ended) return;
    this.ended = true;
    this.#handOn(this.#held + this.#decoder.end());
  }

  #handOn(text: string): void {
    if (text === "") return;
    this.text += text;
    this.#take(text);
  }
}

/** Characters at the end of the text with which the mark begins. */
function beginningAtEnd(text: string, mark: string): number {
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length--) {
    if (mark.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
