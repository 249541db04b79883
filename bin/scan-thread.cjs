// The thread that reads along, started by src/ingest/scan-pool.ts. No ES module: loading one takes longer than the program.
require('./kept.cjs').startKept('scan', 'thread');
