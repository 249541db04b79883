import { cut, defineFormat, facts, jsonBody, sentence } from '../format.ts';

const colours: Readonly<Record<string, string>> = { critical: 'attention', warning: 'warning', info: 'accent' };

/** A workflow's webhook takes an adaptive card. */
export default defineFormat({
  hosts: [/\.webhook\.office\.com$/, /\.logic\.azure\.com$/, /\.powerplatform\.com$/],
  of: (params) =>
    jsonBody({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: {
            $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
            type: 'AdaptiveCard',
            version: '1.4',
            body: [
              {
                type: 'TextBlock',
                text: cut(sentence(params), 2_000),
                wrap: true,
                color: colours[params.severity] ?? 'default',
              },
              { type: 'FactSet', facts: facts(params).map(([title, value]) => ({ title, value: cut(value, 300) })) },
            ],
          },
        },
      ],
    }),
});
