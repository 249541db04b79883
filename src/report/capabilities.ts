import type { Database } from '../store/driver.ts';
import { type CapabilityFact, capabilityNames, type ProviderFacts, storedProviders } from '../store/providers.ts';
import type { SessionHead } from '../store/queries/session-head.ts';
import type { CapabilitiesJson } from './shape.ts';

/** How far the logs of a session's provider can be trusted, fact by fact. */
export function buildCapabilities(db: Database, head: SessionHead): CapabilitiesJson {
  const capabilities = capabilitiesOf(db, head.provider);
  const levels = (level: CapabilityFact['level']): number =>
    capabilities.filter((capability) => capability.level === level).length;
  return {
    session_id: head.id,
    provider: providerOf(head),
    support_summary: {
      exact: levels('exact'),
      estimated: levels('estimated'),
      unsupported: levels('unsupported'),
    },
    capabilities,
  };
}

export function providerOf(head: SessionHead): CapabilitiesJson['provider'] {
  return { name: head.provider, version: head.version, model: head.model };
}

/** Of a provider nobody knows (its sessions were imported, say) nothing is claimed. */
export function capabilitiesOf(db: Database, provider: string): CapabilitiesJson['capabilities'] {
  const known = storedProviders(db).find((each) => each.id === provider);
  return capabilityList(provider, known?.capabilities);
}

/** Do a provider's logs tell of skills, and of MCP servers by name? */
export function tellsOf(
  db: Database,
): (provider: string) => { readonly skills: boolean; readonly mcpIdentity: boolean } {
  return (provider) => {
    const told = capabilitiesOf(db, provider).filter(({ level }) => level !== 'unsupported');
    const tells = (name: string): boolean => told.some(({ capability }) => capability === name);
    return { skills: tells('skills'), mcpIdentity: tells('mcp_identity') };
  };
}

export function capabilityList(
  provider: string,
  capabilities: ProviderFacts['capabilities'] | undefined,
): CapabilitiesJson['capabilities'] {
  return capabilityNames.map((capability) => {
    const { level, note } = capabilities?.[capability] ?? { level: 'unsupported', note: null };
    return { provider, capability, level, note: note ?? meaning[level] };
  });
}

const meaning: Readonly<Record<CapabilityFact['level'], string>> = {
  exact: 'Recorded in its logs as it happened.',
  estimated: 'Worked out from what its logs record.',
  unsupported: 'Not recorded in its logs.',
};
