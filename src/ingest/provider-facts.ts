import { existsSync } from 'node:fs';
import type { CapabilityLevel, Provider } from '../provider.ts';
import type { CapabilityFact, CapabilityName, ProviderFacts } from '../store/providers.ts';
import type { RootReport } from './discover.ts';
import type { IngestSettings } from './settings.ts';

/** What to tell of every provider, read or not, to those who may not know them. `roots`: as the last look found them. */
export function providerFacts(settings: IngestSettings, roots: readonly RootReport[]): readonly ProviderFacts[] {
  return [...(settings.known ?? settings.providers)].map(([id, provider]) => {
    const enabled = settings.providers.has(id);
    return {
      id,
      title: typeof provider.title === 'string' ? provider.title : provider.title(settings.host),
      enabled,
      capabilities: capabilitiesOf(provider),
      roots: enabled
        ? roots.filter((each) => each.provider === id).map(({ root, exists }) => ({ root, exists }))
        : provider.roots(settings.host).map((root) => ({ root, exists: existsSync(root) })),
      signs: (provider.signs?.(settings.host) ?? []).map((sign) => ({ ...sign, exists: existsSync(sign.path) })),
      unrecorded: provider.unrecorded ?? null,
      failure: settings.faults?.get(id) ?? null,
    };
  });
}

const publicNames = {
  skills: 'skills',
  hooks: 'hooks',
  mcpIdentity: 'mcp_identity',
  taskHistory: 'task_history',
  interactionTokens: 'interaction_tokens',
} as const satisfies Record<keyof Provider['capabilities'], CapabilityName>;

function capabilitiesOf({ capabilities, capabilityNotes }: Provider): ProviderFacts['capabilities'] {
  const fact = (name: keyof typeof publicNames): [CapabilityName, CapabilityFact] => {
    const level: CapabilityLevel = capabilities[name];
    return [publicNames[name], { level, note: capabilityNotes?.[name] ?? null }];
  };
  const names = Object.keys(publicNames) as (keyof typeof publicNames)[]; // its own keys
  return Object.fromEntries(names.map(fact)) as Record<CapabilityName, CapabilityFact>; // each name once
}
