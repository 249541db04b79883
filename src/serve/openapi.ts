import { z } from 'zod';
import type { RouteModule } from './route.ts';

/** The API as an OpenAPI 3.1 document, made from the very schemas that check what is asked and type what is answered. */
export function describeApi(routes: ReadonlyMap<string, RouteModule>, version: string): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'scopeon',
      version,
      description:
        'Read-only figures of the coding agents on this machine. An endpoint answers from the tier it needs on; ' +
        'where a secret is set, the token goes in the header x-scopeon-token.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    components: {
      securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'x-scopeon-token' } },
      schemas: { Error: z.toJSONSchema(errorSchema) },
    },
    security: [{}, { token: [] }],
    paths: Object.fromEntries(
      [...routes.values()]
        .sort((a, b) => (a.path < b.path ? -1 : 1))
        .map((route) => [route.path, { get: operation(route) }]),
    ),
  };
}

const errorSchema = z.object({
  error: z.string(),
  code: z.string(),
  request_id: z.string().optional().describe('With 500: what to look for in the log'),
});

function operation(route: RouteModule): object {
  const tier = typeof route.tier === 'function' ? 'by what is asked' : route.tier;
  return {
    summary: route.summary,
    'x-scopeon-tier': tier,
    parameters: route.query === undefined ? [] : parameters(route.query, route.path),
    responses: {
      200: { description: 'OK', content: { [route.contentType ?? 'application/json']: { schema: answer(route) } } },
      ...Object.fromEntries(errors.map(([status, description]) => [status, { description, content: errorContent }])),
    },
  };
}

const errorContent = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };
const errors = [
  ['400', 'A parameter is wrong; the error names it'],
  ['401', 'The token is missing or wrong'],
  ['403', 'The tier is too low, or host or origin are not allowed'],
  ['404', 'There is no such session, provider or path'],
  ['429', 'Too many wrong tokens or requests'],
  ['503', 'There is no database to answer from'],
] as const;

function answer(route: RouteModule): object {
  if (route.contentType !== undefined) return { type: 'string' };
  return route.answer === undefined ? { type: 'object' } : z.toJSONSchema(route.answer);
}

function parameters(query: z.ZodObject, path: string): readonly object[] {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => {
    const isPath = path.includes(`{${name}}`);
    return { name, in: isPath ? 'path' : 'query', required: isPath || required.includes(name), schema };
  });
}
