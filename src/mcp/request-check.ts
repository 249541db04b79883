import {
  CallToolRequestSchema,
  GetPromptRequestSchema,
  InitializeRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';

const schemas = new Map(
  [
    CallToolRequestSchema,
    GetPromptRequestSchema,
    InitializeRequestSchema,
    ListPromptsRequestSchema,
    ListResourcesRequestSchema,
    ListResourceTemplatesRequestSchema,
    ListToolsRequestSchema,
    ReadResourceRequestSchema,
    SetLevelRequestSchema,
    SubscribeRequestSchema,
    UnsubscribeRequestSchema,
  ].map((schema) => [schema.shape.method.value as string, schema] as const),
);

/**
 * What is wrong with the parameters of a request, for whoever sent it; undefined: nothing. Without this the SDK answers
 * with an internal error and its own notes. It never quotes a value.
 */
export function faultOf(request: { readonly method: string; readonly params?: unknown }): string | undefined {
  const checked = schemas.get(request.method)?.safeParse(request);
  const [issue] = checked?.error?.issues ?? [];
  if (issue === undefined) return undefined;
  const place = issue.path.slice(1).map(String).join('.');
  return `${place === '' ? 'params' : place}: ${issue.message}`.slice(0, 300);
}
