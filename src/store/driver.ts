export { type Database, openFile, type Statement } from '../sqlite.ts';
