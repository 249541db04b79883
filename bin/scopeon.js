#!/usr/bin/env node
// No ES module, nor are its neighbours: Node.js takes longer to load one than most commands do to answer.
const { startKept } = require('./kept.js');
const { quickCommands } = require('./quick.js');

// A secret given as an argument leaves `ps` here, before anything else runs.
process.title = 'scopeon';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `scopeon: needs Node.js 20.19 or newer; this is ${process.versions.node}. Get one at https://nodejs.org`,
  );
  process.exit(1);
}

// When all is done: what V8 would tidy up first goes with the process.
process.once('beforeExit', () => setImmediate(() => process.exit()));

const program = new URL('../dist/cli.js', require('node:url').pathToFileURL(__filename));
const command = process.argv[2];
try {
  if (quickCommands.has(command)) startKept('quick', command);
  else import(program.href).catch(explain);
} catch (error) {
  explain(error);
}

function explain(error) {
  const isMissing = error?.code === 'ENOENT' || (error?.code === 'ERR_MODULE_NOT_FOUND' && error.url === program.href);
  if (!isMissing) throw error;
  console.error('scopeon: not built yet. Run `npm start` in this directory once; it sets everything up.');
  process.exit(1);
}
