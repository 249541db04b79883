// The thread that reads along, started by src/ingest/scan-pool.ts.
require('./kept.js').startKept('scan', 'thread');
