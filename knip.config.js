import { findEntryPoints, listSources } from './scripts/sources.mjs';

/** Members are found by a scan when the program runs, so nothing imports them: the build's own list says what is in use. */
export default {
  entry: [...findEntryPoints(listSources()), 'src/serve/page/page.ts', 'scripts/*.{mjs,ts}', 'test/bench/*.ts'],
  project: ['src/**/*.{ts,tsx}', '!src/readers/wasm/**', 'scripts/**/*.{mjs,ts}', 'test/**/*.{ts,tsx}'],
  // Of Debian's package prometheus (the test that starts them says so where they are not there) and of util-linux.
  ignoreBinaries: ['ssh-keygen', 'promtool', 'prometheus', 'script'],
  // The parts of a contract are exported for whoever needs their names.
  ignoreExportsUsedInFile: { interface: true, type: true },
};
