import { readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { errorBody, jsonType } from './app.ts';

/** The page's own files, read once: they come with the program and hold no data. */
export interface Assets {
  readonly paths: readonly string[];
  answer(path: string, response: ServerResponse, isHead: boolean): void;
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8',
};

/** `index.html` is `/`, the rest lies below `/assets/`; `health` is asked for `/health`. */
export function createAssets(directory: URL, health: () => string): Assets {
  const files = new Map<string, { readonly type: string; readonly bytes: Buffer }>();
  for (const name of readdirSync(directory)) {
    const type = types[name.slice(name.lastIndexOf('.') + 1)];
    if (type === undefined) continue;
    files.set(name === 'index.html' ? '/' : `/assets/${name}`, { type, bytes: readFileSync(new URL(name, directory)) });
  }
  return {
    paths: ['/health', ...files.keys()],
    answer(path, response, isHead) {
      const file = path === '/health' ? { type: jsonType, bytes: Buffer.from(health()) } : files.get(path);
      const { type, bytes } = file ?? { type: jsonType, bytes: Buffer.from(errorBody('Not found', 'not_found')) };
      response.writeHead(file === undefined ? 404 : 200, { 'Content-Type': type, 'Content-Length': bytes.length });
      response.end(isHead ? undefined : bytes);
    },
  };
}
