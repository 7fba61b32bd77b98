import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { create, type Font } from "fontkit";
import { unpackWoff } from "./woff.ts";

const resolve = createRequire(import.meta.url).resolve;

/** A face that text is set in; the name is what a document knows it by. */
export interface Face {
  readonly name: string;
  /** The font; it is read once. */
  readonly file: () => Buffer;
  readonly has: (codePoint: number) => boolean;
}

/** Text that is set in one face and one direction. */
export interface Run {
  readonly face: Face;
  readonly text: string;
  readonly rightToLeft: boolean;
}

/** DejaVu Sans: Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, Georgian, signs of mathematics and arrows. */
const REGULAR = face("regular", "@fontsource/dejavu-sans/files/dejavu-sans-latin-400-normal.woff");
const BOLD = face("bold", "@fontsource/dejavu-sans/files/dejavu-sans-latin-700-normal.woff");
/** UnifontEX: everything else that Unicode has, coarse but there. It has one weight. */
const REST = face("rest", "@fontsource/unifontex/files/unifontex-latin-400-normal.woff");

/** All faces of a report. */
export const FACES: readonly Face[] = [REGULAR, BOLD, REST];

const SCRIPTS = ["Hebrew", "Arabic", "Syriac", "Thaana", "Nko"];
/** Words of one script from right to left, with the spaces between them. */
const FROM_THE_RIGHT = new RegExp(`(${SCRIPTS.map(phraseOf).join("|")})`, "u");

const characters = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * Cuts text where the face or the direction has to change. What a reader sees as one character stays in one face. A character that no face
 * has is written as its number, `[U+10FFFF]`: nothing is left out.
 */
export function runsOf(text: string, weight: "regular" | "bold"): Run[] {
  const faces = [weight === "bold" ? BOLD : REGULAR, REST];
  const runs: Run[] = [];
  const add = (run: Run): void => {
    const last = runs.at(-1);
    const same = last?.face === run.face && last.rightToLeft === run.rightToLeft;
    if (same) runs[runs.length - 1] = { ...run, text: last.text + run.text };
    else runs.push(run);
  };
  text.split(FROM_THE_RIGHT).forEach((phrase, i) => {
    // What the pattern caught is every other part.
    const rightToLeft = i % 2 === 1;
    for (const { segment } of characters.segment(phrase)) {
      const whole = faceOf(faces, segment);
      if (whole !== undefined) add({ face: whole, text: segment, rightToLeft });
      else for (const part of segment) add({ ...setOne(faces, part), rightToLeft });
    }
  });
  return runs;
}

function phraseOf(script: string): string {
  const word = String.raw`(?:\p{Script=${script}}\p{M}*)+`;
  return `${word}(?: +${word})*`;
}

function setOne(faces: readonly Face[], part: string): Pick<Run, "face" | "text"> {
  const found = faceOf(faces, part);
  if (found !== undefined) return { face: found, text: part };
  const number = (part.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return { face: faces[0] ?? REGULAR, text: `[U+${number}]` };
}

const faceOf = (faces: readonly Face[], text: string): Face | undefined =>
  faces.find(({ has }) => [...text].every((part) => has(part.codePointAt(0) ?? 0)));

/** A face is opened when a character asks for it: the large one costs a quarter of a second. */
function face(name: string, path: string): Face {
  let bytes: Buffer | undefined;
  let font: Font | undefined;
  const file = (): Buffer => {
    bytes ??= unpackWoff(readFileSync(resolve(path)));
    return bytes;
  };
  const has = (codePoint: number): boolean => {
    font ??= create(file());
    return font.hasGlyphForCodePoint(codePoint);
  };
  return { name, file, has };
}
