import { cut, defineFormat } from '../format.ts';

const priorities: Readonly<Record<string, string>> = { critical: '5', warning: '4', info: '3' };
const tags: Readonly<Record<string, string>> = {
  critical: 'rotating_light',
  warning: 'warning',
  info: 'information_source',
};

export default defineFormat({
  hosts: [/^ntfy\.sh$/],
  of: (params) => ({
    body: cut(params.message, 4_000),
    contentType: 'text/plain; charset=utf-8',
    headers: {
      Title: `scopeon: ${params.type.replaceAll('_', ' ')}`,
      Priority: priorities[params.severity] ?? '3',
      Tags: tags[params.severity] ?? 'information_source',
    },
  }),
});
