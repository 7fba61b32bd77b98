/** What checks an Aleo account's signatures: wasm, which the core does not load. */
export interface AleoSignatures {
  /**
   * Whether the account signed these bytes.
   *
   * @param address `aleo1...`
   * @param message The bytes as they were given to the account, here always 32.
   * @param signature `sign1...`
   * @returns false for anything malformed too.
   */
  verify(address: string, message: Uint8Array, signature: string): boolean;
}

/** An account that signs for its address; the key stays behind it. */
export interface AleoSigner {
  /** `aleo1...` */
  readonly address: string;
  /** @returns `sign1...` */
  sign(message: Uint8Array): Promise<string>;
}
