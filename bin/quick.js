import { createRequire } from 'node:module';

/** Commands that print and end: of these a script starts many, so they get a program in one file, compiled but once. */
export const quickCommands = new Set([
  'alerts',
  'blocks',
  'budget',
  'daily',
  'doctor',
  'explain',
  'export',
  'insights',
  'limits',
  'models',
  'monthly',
  'prices',
  'projects',
  'providers',
  'report',
  'sessions',
  'shell-status',
  'status',
  'weekly',
]);

/** Runs that program for one of the commands above. @throws ENOENT when it is not built */
export function startQuick(command) {
  createRequire(import.meta.url)('./kept.cjs').startKept('quick', command);
}
