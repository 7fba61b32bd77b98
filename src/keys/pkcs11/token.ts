import type { Attribute, Mechanism, PKCS11, Template } from "pkcs11js";
import { InputError, RefusedError } from "../../core/errors.ts";
import type { SecretSource } from "../secret-source.ts";
import { CKR, isLost, isRefusedCiphertext, returnValue, tokenError } from "./errors.ts";
import { findSlot, openModule } from "./module.ts";
import { type Binding, loadBinding } from "./native.ts";

/** Objects asked for at a time. */
const BATCH = 64;
/** Larger than any signature there is. */
const SIGNATURE_ROOM = 1024;
/** Larger than any wrapped key there is. */
const CIPHER_ROOM = 256;

/** What can be done in an open session. Each call is over when it returns, so none meets another halfway. */
export interface Session {
  readonly binding: Binding;
  find(template: Template): Buffer[];
  read(object: Buffer, query: Template): Attribute[];
  generate(
    mechanism: number,
    publicKey: Template,
    privateKey: Template,
  ): { publicKey: Buffer; privateKey: Buffer };
  sign(mechanism: number, privateKey: Buffer, data: Uint8Array): Uint8Array;
  /** Makes a secret key. */
  generateSecret(mechanism: number, template: Template): Buffer;
  /** Makes an object that is no key. */
  store(template: Template): Buffer;
  encrypt(mechanism: Mechanism, key: Buffer, plaintext: Uint8Array): Uint8Array;
  /** @returns undefined when the ciphertext is not one of this key under this mechanism. */
  decrypt(mechanism: Mechanism, key: Buffer, ciphertext: Uint8Array): Uint8Array | undefined;
  destroy(object: Buffer): void;
}

interface OpenSession {
  readonly binding: Binding;
  readonly module: PKCS11;
  readonly slot: Buffer;
  readonly handle: Buffer;
  /** Done once the user is logged in; undefined until somebody wants that. */
  login: Promise<void> | undefined;
}

/**
 * One token: its library, one session with it, and the login.
 *
 * Every step with the token is synchronous, for milliseconds: the binding's asynchronous calls would let two signatures
 * meet in one session. A session that was lost, because the token was pulled or reset, is opened again once.
 */
export class Token {
  readonly #library: string;
  readonly #label: string;
  readonly #pin: SecretSource;
  #session: OpenSession | undefined;
  /** A PIN that was wrong stays wrong: tried again and again, it locks the token. */
  #refused: InputError | undefined;

  constructor(library: string, label: string, pin: SecretSource) {
    this.#library = library;
    this.#label = label;
    this.#pin = pin;
  }

  /** The token's label. */
  get label(): string {
    return this.#label;
  }

  /**
   * Does something with the token.
   *
   * @param use `public` needs no PIN; `private` logs in first.
   * @throws UnavailableError when the token is gone; InputError for a wrong PIN.
   */
  async run<T>(act: string, use: "public" | "private", work: (session: Session) => T): Promise<T> {
    try {
      return await this.#attempt(use, work).catch((error: unknown) => {
        if (isLost(error)) return this.#attempt(use, work);
        throw error;
      });
    } catch (error) {
      throw tokenError(this.#label, act, error);
    }
  }

  async #attempt<T>(use: "public" | "private", work: (session: Session) => T): Promise<T> {
    let session = this.#open();
    try {
      while (use === "private") {
        await this.#loggedIn(session);
        if (this.#session === session) break;
        // Another call lost it meanwhile.
        session = this.#open();
      }
      return work(sessionOf(session));
    } catch (error) {
      if (isLost(error)) this.#forget(session);
      throw error;
    }
  }

  #open(): OpenSession {
    if (this.#session !== undefined) return this.#session;
    const binding = loadBinding();
    const module = openModule(binding, this.#library);
    const slot = findSlot(module, this.#label);
    const handle = module.C_OpenSession(slot, binding.CKF_SERIAL_SESSION | binding.CKF_RW_SESSION);
    this.#session = { binding, module, slot, handle, login: undefined };
    return this.#session;
  }

  /** Not another's new session, when several calls lose the old one. */
  #forget(session: OpenSession): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    try {
      session.module.C_CloseSession(session.handle);
    } catch {
      // It was lost; that is why it is forgotten.
    }
  }

  /** Callers that come together wait for the same login; one that failed may be tried anew. */
  #loggedIn(session: OpenSession): Promise<void> {
    session.login ??= this.#logIn(session).catch((error: unknown) => {
      session.login = undefined;
      throw error;
    });
    return session.login;
  }

  async #logIn({ binding, module, slot, handle }: OpenSession): Promise<void> {
    if (this.#refused !== undefined) throw this.#refused;
    this.#refuseLastTry(binding, module.C_GetTokenInfo(slot).flags);
    const pin = await this.#pin.read("open");
    try {
      module.C_Login(handle, binding.CKU_USER, pin);
    } catch (error) {
      switch (returnValue(error)) {
        case CKR.alreadyLoggedIn:
          return;
        case CKR.pinIncorrect:
        case CKR.pinInvalid:
        case CKR.pinLength:
          this.#refused = new InputError(`the PIN does not open token "${this.#label}"`, {
            next: "correct the PIN, then start again; this process does not try another, so that the token is not locked",
          });
          throw this.#refused;
        case CKR.pinLocked:
          throw this.#locked();
        default:
          throw error;
      }
    }
  }

  /** The last try is a person's: a service that starts again and again would lock the token. */
  #refuseLastTry(binding: Binding, flags: number): void {
    if ((flags & binding.CKF_USER_PIN_LOCKED) !== 0) throw this.#locked();
    if ((flags & binding.CKF_USER_PIN_FINAL_TRY) === 0) return;
    throw new RefusedError(`token "${this.#label}": one more wrong PIN locks it, so none is tried`, {
      next: "log in once with the token maker's own tool, which resets the count, then start again",
    });
  }

  #locked(): RefusedError {
    return new RefusedError(`token "${this.#label}": its PIN is locked after too many wrong ones`, {
      next: "its security officer sets a new PIN with the token maker's tool",
    });
  }
}

function sessionOf({ binding, module, handle }: OpenSession): Session {
  return {
    binding,
    find: (template) => {
      module.C_FindObjectsInit(handle, template);
      try {
        const all: Buffer[] = [];
        for (;;) {
          const some = module.C_FindObjects(handle, BATCH);
          all.push(...some);
          if (some.length < BATCH) return all;
        }
      } finally {
        module.C_FindObjectsFinal(handle);
      }
    },
    // The binding writes the answers into the question.
    read: (object, query) =>
      module.C_GetAttributeValue(
        handle,
        object,
        query.map(({ type }) => ({ type })),
      ),
    generate: (mechanism, publicKey, privateKey) =>
      module.C_GenerateKeyPair(handle, { mechanism }, publicKey, privateKey),
    sign: (mechanism, privateKey, data) => {
      module.C_SignInit(handle, { mechanism }, privateKey);
      // An empty message must have an address too, or the library takes it for a missing one.
      const room = Buffer.alloc(data.length + 1);
      room.set(data);
      return module.C_Sign(handle, room.subarray(0, data.length), Buffer.alloc(SIGNATURE_ROOM));
    },
    generateSecret: (mechanism, template) => module.C_GenerateKey(handle, { mechanism }, template),
    store: (template) => module.C_CreateObject(handle, template),
    encrypt: (mechanism, key, plaintext) => {
      module.C_EncryptInit(handle, mechanism, key);
      return Uint8Array.from(module.C_Encrypt(handle, Buffer.from(plaintext), Buffer.alloc(CIPHER_ROOM)));
    },
    decrypt: (mechanism, key, ciphertext) => {
      module.C_DecryptInit(handle, mechanism, key);
      const room = Buffer.alloc(CIPHER_ROOM);
      try {
        return Uint8Array.from(module.C_Decrypt(handle, Buffer.from(ciphertext), room));
      } catch (error) {
        if (!isRefusedCiphertext(error)) throw error;
        return undefined;
      } finally {
        room.fill(0);
      }
    },
    destroy: (object) => module.C_DestroyObject(handle, object),
  };
}
