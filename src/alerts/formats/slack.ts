import { cut, defineFormat, facts, jsonBody, sentence } from '../format.ts';

/** Slack shows `<`, `>` and `&` as marks of its own, and would call people by them. */
const plain = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export default defineFormat({
  hosts: [/^hooks\.slack(-gov)?\.com$/],
  of: (params) =>
    jsonBody({
      text: cut(plain(sentence(params)), 3_000),
      blocks: [
        { type: 'section', text: { type: 'mrkdwn', text: cut(plain(sentence(params)), 3_000) } },
        ...(facts(params).length === 0
          ? []
          : [
              {
                type: 'context',
                elements: facts(params)
                  .slice(0, 10)
                  .map(([name, value]) => ({ type: 'mrkdwn', text: cut(plain(`*${name}* ${value}`), 300) })),
              },
            ]),
      ],
    }),
});
