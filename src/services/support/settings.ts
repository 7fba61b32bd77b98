import { parseUnits } from "ethers";
import { z } from "zod";
import { LOG_LEVELS } from "./log.ts";

const integer = (least: number, most: number, unit: string) => {
  const error = `an integer from ${least} to ${most} (${unit})`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

export const secondsSetting = (least: number, most: number) => integer(least, most, "seconds");
export const bytesSetting = (least: number, most: number) => integer(least, most, "bytes");
export const countSetting = (least: number, most: number) => integer(least, most, "count");

const text = (what: string) => z.string({ error: what }).min(1, { error: what });
/** A path; `~` is not expanded. */
export const pathSetting = text("a path");

/** An amount in decimal text, read as wei. */
export const amountSetting = (unit: "ether" | "gwei", decimals: number) => {
  const error = `an amount of ${unit} in decimal, in quotes, e.g. "0.5"`;
  return z
    .string({ error })
    .regex(new RegExp(`^\\d{1,12}(\\.\\d{1,${decimals}})?$`), { error })
    .transform((text) => parseUnits(text, unit));
};

/** A key of the KeyProvider, by its name. */
export const keyNameSetting = text("the name of a key");

const URL_FORM = "an http or https URL without a user or password";
/** An URL that carries no secret: keys and passwords come from files. */
export const urlSetting = z.string({ error: URL_FORM }).refine(
  (given) => {
    const url = URL.parse(given);
    return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
  },
  { error: URL_FORM },
);

/** `http` part of every service's section: where it listens and what a client may cost. */
export const httpSettings = z.strictObject({
  host: text("an address to listen on").default("127.0.0.1"),
  /** 0 lets the system choose. */
  port: integer(0, 65_535, "port"),
  body_limit: bytesSetting(1_024, 1_073_741_824).default(65_536),
  /** For the whole request to arrive. */
  request_timeout: secondsSetting(1, 3_600).default(30),
  /** How long a stop waits for what is under way. */
  stop_timeout: secondsSetting(1, 3_600).default(30),
});
export type HttpSettings = z.infer<typeof httpSettings>;

/** `[log]`, for all services. */
export const logSection = z.strictObject({
  level: z.enum(LOG_LEVELS, { error: `one of ${LOG_LEVELS.join(", ")}` }).default("info"),
});
