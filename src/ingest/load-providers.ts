import { loadMember, memberIds } from '../members.ts';
import type { Provider } from '../provider.ts';
import { LoadFault } from './guard.ts';

/**
 * Every provider there is, by id. One whose file cannot be loaded takes no log and stops no other: what is wrong with it
 * stands where that of any provider does which breaks.
 */
export async function loadProviders(): Promise<ReadonlyMap<string, Provider>> {
  const ids = memberIds('providers');
  const loaded = await Promise.all(ids.map((id) => loadProvider(id)));
  return new Map(ids.map((id, i) => [id, loaded[i] as Provider])); // as many
}

async function loadProvider(id: string): Promise<Provider> {
  try {
    const provider: Provider | undefined = await loadMember('providers', id);
    if (typeof provider?.roots !== 'function' || typeof provider.read !== 'function')
      throw new TypeError('its default export is no provider');
    return provider;
  } catch (error) {
    return unloadable(id, error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
}

const longestReason = 300;

function unloadable(id: string, reason: string): Provider {
  const [line = ''] = reason.split('\n');
  const told = line.replace(/(?:file:\/\/)?(?:\/|[A-Z]:\\)[^\s'"]*[/\\]/g, '').slice(0, longestReason); // no folders of the user's
  return {
    title: id,
    parserVersion: 0,
    capabilities: {
      skills: 'unsupported',
      hooks: 'unsupported',
      mcpIdentity: 'unsupported',
      taskHistory: 'unsupported',
      interactionTokens: 'unsupported',
    },
    roots() {
      throw new LoadFault(`its file cannot be loaded (${told})`);
    },
    accepts: () => false,
    read: () => [],
  };
}
