declare module "circom_runtime" {
  /** Drives a witness generator that is instantiated already, so with the imports that the caller chose. */
  export function WitnessCalculatorBuilder(instance: WebAssembly.Instance): Promise<{
    /** The witness in the `.wtns` format. */
    calculateWTNSBin(inputs: Readonly<Record<string, unknown>>, sanityCheck: 0 | 1): Promise<Uint8Array>;
  }>;
}

/** What is used of a global that Node has and its published types leave to the browser's. */
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: "WebAssembly.Module";
  }
  interface Instance {
    readonly exports: Readonly<Record<string, (...numbers: number[]) => number>>;
  }
  type ModuleImports = Record<string, (code: number) => unknown>;
  function compile(code: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports: Record<string, ModuleImports>): Promise<Instance>;
}
