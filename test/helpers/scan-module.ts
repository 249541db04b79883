import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { compileModule, type ScanModule } from '../../src/readers/scan-wasm.ts';

/** The scanner's twin, compiled from its source as it stands, with the options of the build. Takes seconds. */
export async function compileScanModule(): Promise<ScanModule> {
  const source = fileURLToPath(new URL('../../src/readers/wasm/module.ts', import.meta.url));
  const options = [source, '--outFile', 'scan.wasm', '--enable', 'simd', '-O3', '--runtime', 'stub', '--noAssert'];
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main(options, {
    writeFile: (_, contents) => {
      if (typeof contents !== 'string') binary = Uint8Array.from(contents);
    },
  });
  if (error || binary === undefined) throw new Error(`the scanner does not compile: ${stderr}`);
  return compileModule(binary);
}
