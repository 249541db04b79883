import { cut, defineFormat, facts, jsonBody, sentence } from '../format.ts';

const colours: Readonly<Record<string, number>> = { critical: 0xd83c3e, warning: 0xf0a020, info: 0x3b82f6 };

export default defineFormat({
  hosts: [/^(ptb\.|canary\.)?discord(app)?\.com$/],
  of: (params) =>
    jsonBody({
      content: cut(sentence(params), 2_000),
      allowed_mentions: { parse: [] }, // nobody is called by a name that happens to be theirs
      embeds: [
        {
          color: colours[params.severity] ?? 0,
          timestamp: params.ts,
          fields: facts(params)
            .slice(0, 25)
            .map(([name, value]) => ({ name: cut(name, 256), value: cut(value, 1_024), inline: true })),
        },
      ],
    }),
});
