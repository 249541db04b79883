import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  RootsListChangedNotificationSchema,
  SubscribeRequestSchema,
  type Tool,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { type Prompt, prompts } from './prompts.ts';
import { resources, resourceTemplates } from './resources.ts';

/** Everything behind the protocol: loaded after the first answer, so that a client never waits for a history. */
export interface Backend {
  tools(): readonly Tool[];
  /** Undefined: there is no such tool. @throws InvalidArguments */
  call(name: string, args: unknown): Promise<CallToolResult> | undefined;
  /** Text of JSON; undefined: there is no such resource. */
  read(uri: string): Promise<string | undefined>;
  subscribe(uri: string): void;
  unsubscribe(uri: string): void;
}

/** There is no backend just now; what went wrong is for the user, who was told. */
export class BackendUnavailable extends Error {
  constructor() {
    super('scopeon cannot answer now; scopeon doctor says why');
  }
}

/** Arguments that are not what the tool takes; the text tells which and why. */
export class InvalidArguments extends Error {}

export interface ProtocolServer {
  /** Answers `initialize` from now on. */
  connect(transport: Transport): Promise<void>;
  /** A custom notification and its twin for clients that know only the standard ones. */
  notify(method: string, params: Readonly<Record<string, unknown>>): void;
  log(level: 'info' | 'warning' | 'critical', data: Readonly<Record<string, unknown>>): void;
  resourceUpdated(uri: string): void;
  /** What the client calls itself. */
  clientName(): string | undefined;
  /** Folders the client works in, as `file:` URIs; empty when it tells none. */
  roots(): Promise<readonly string[]>;
}

/** What a tool that failed answers. */
export function failedResult(error: string, code: string): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify({ error, code }) }], isError: true };
}

/** The protocol, on the official SDK. `backend` is asked for at each request that needs it; it may throw BackendUnavailable. */
export function createProtocolServer(options: {
  readonly version: string;
  readonly backend: () => Promise<Backend>;
  readonly onInitialized: () => void;
  readonly onRootsChanged: () => void;
}): ProtocolServer {
  const { backend } = options;
  const server = new Server(
    { name: 'scopeon', title: 'scopeon', version: options.version },
    {
      capabilities: {
        tools: {},
        resources: { subscribe: true },
        prompts: {},
        logging: {},
        experimental: { 'scopeon/notifications': {} },
      },
      instructions:
        'Figures of your own token use, cost, cache and context, from local logs. Ask get_context_pressure when a task grows long, suggest_compact before a big step.',
      jsonSchemaValidator: { getValidator: () => () => ({ valid: false, data: undefined, errorMessage: 'not used' }) }, // for questions to users: none are asked
    },
  );
  server.oninitialized = options.onInitialized;
  server.setNotificationHandler(RootsListChangedNotificationSchema, options.onRootsChanged);
  server.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: [...(await backend()).tools()] }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    try {
      const result = (await backend()).call(params.name, params.arguments ?? {});
      if (result !== undefined) return await result;
    } catch (error) {
      if (error instanceof InvalidArguments) throw new McpError(ErrorCode.InvalidParams, error.message);
      if (error instanceof BackendUnavailable) return failedResult(error.message, 'unavailable');
      throw error;
    }
    throw new McpError(ErrorCode.InvalidParams, 'There is no such tool');
  });
  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: [...resources] }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: [...resourceTemplates] }));
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params: { uri } }) => {
    const text = await (await backend()).read(uri);
    if (text === undefined) throw new McpError(-32002, 'Resource not found');
    return { contents: [{ uri, mimeType: 'application/json', text }] };
  });
  server.setRequestHandler(SubscribeRequestSchema, async ({ params: { uri } }) => {
    if ((await (await backend()).read(uri)) === undefined) throw new McpError(-32002, 'Resource not found');
    (await backend()).subscribe(uri);
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, async ({ params: { uri } }) => {
    (await backend()).unsubscribe(uri);
    return {};
  });
  server.setRequestHandler(ListPromptsRequestSchema, () => ({
    prompts: Object.entries(prompts).map(([name, prompt]) => ({ name, description: prompt.description })),
  }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params: { name } }) => {
    const prompt: Prompt | undefined = Object.hasOwn(prompts, name) ? prompts[name] : undefined;
    if (prompt === undefined) throw new McpError(ErrorCode.InvalidParams, 'There is no such prompt');
    return {
      description: prompt.description,
      messages: [{ role: 'user', content: { type: 'text', text: prompt.text } }],
    };
  });
  server.onerror = () => undefined; // a client's faults are answered on the wire
  const quietly = (sending: Promise<void>): void => void sending.catch(() => undefined); // the client may be gone
  return {
    connect: (transport) => server.connect(transport),
    notify: (method, params) => quietly(server.notification({ method, params: { ...params } })),
    log: (level, data) => quietly(server.sendLoggingMessage({ level, logger: 'scopeon', data })),
    resourceUpdated: (uri) => quietly(server.sendResourceUpdated({ uri })),
    clientName: () => server.getClientVersion()?.name,
    roots: async () => {
      if (server.getClientCapabilities()?.roots === undefined) return [];
      try {
        return (await server.listRoots(undefined, { timeout: 2_000 })).roots.map((root) => root.uri);
      } catch {
        return []; // it said it has some and does not tell them
      }
    },
  };
}
