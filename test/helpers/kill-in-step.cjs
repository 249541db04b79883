// Loaded before the program: ends it, as a power cut would, inside the migration step it is told.
const Module = require('node:module');

const load = Module._load;
Module._load = (...args) => {
  const loaded = load(...args);
  if (/^better-sqlite3/.test(String(args[0])) && loaded.prototype?.pragma && !loaded.prototype.isKilledInStep) {
    const { pragma } = loaded.prototype;
    loaded.prototype.isKilledInStep = true;
    loaded.prototype.pragma = function (source, options) {
      const result = pragma.call(this, source, options);
      if (source === process.env.SCOPEON_TEST_KILL_AT) process.kill(process.pid, 'SIGKILL');
      return result;
    };
  }
  // The driver's own files may lie within the program; its binary never does.
  const native = /\.node$/.test(String(args[0])) ? loaded.Database?.prototype : undefined;
  if (native?.prepare && !native.isKilledInStep) {
    const { prepare } = native;
    native.isKilledInStep = true;
    native.prepare = function (sql, ...rest) {
      if (sql === `PRAGMA ${process.env.SCOPEON_TEST_KILL_AT}`) process.kill(process.pid, 'SIGKILL');
      return prepare.call(this, sql, ...rest);
    };
  }
  return loaded;
};
