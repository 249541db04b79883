import { defineFormat } from '../format.ts';

/**
 * The user's own text: `{{message}}`, `{{severity}}` and every other field by its name. In a text that is JSON each value goes
 * in escaped as part of a JSON string, so that none can end it. A field there is not is empty.
 */
export default defineFormat({
  of: (params, { template = '' }) => {
    const isJson = /^\s*[[{]/.test(template);
    const body = template.replaceAll(/\{\{\s*([a-z_]+)\s*\}\}/g, (_, name: string) => {
      const value = Object.hasOwn(params, name) ? params[name] : undefined;
      const text = value === undefined || value === null ? '' : String(value);
      return isJson ? JSON.stringify(text).slice(1, -1) : text;
    });
    return { body, contentType: isJson ? 'application/json' : 'text/plain; charset=utf-8' };
  },
});
