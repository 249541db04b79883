import { readdirSync } from 'node:fs';

/** Directory of the running program: `src/` in development, `dist/` when built. Ends in a slash. */
export const programRoot = new URL('./', import.meta.url);

/** Ids of a member folder's files (`providers`, `store/migrations`), sorted. */
export function memberIds(folder: string): readonly string[] {
  return readdirSync(new URL(`${folder}/`, programRoot))
    .filter((name) => /^[a-z0-9][a-z0-9-]*\.(ts|tsx|js)$/.test(name))
    .map((name) => name.replace(/\.(ts|tsx|js)$/, ''))
    .sort();
}

/** The member with this id: its file's default export. The caller names the contract it expects. */
export async function loadMember<T>(folder: string, id: string): Promise<T> {
  const name = readdirSync(new URL(`${folder}/`, programRoot)).find(
    (file) => file.replace(/\.(ts|tsx|js)$/, '') === id,
  );
  if (name === undefined) throw new Error(`no member ${id} in ${folder}`);
  const module: { default: T } = await import(new URL(`${folder}/${name}`, programRoot).href);
  return module.default;
}

/** Every member of a folder by id, in the order of their names. */
export async function loadMembers<T>(folder: string): Promise<ReadonlyMap<string, T>> {
  const ids = memberIds(folder);
  const members = await Promise.all(ids.map((id) => loadMember<T>(folder, id)));
  return new Map(ids.map((id, i) => [id, members[i] as T]));
}
