import { defineCommand } from '../command.ts';
import { ScopeonError } from '../errors.ts';

export default defineCommand({
  summary: 'print the JSON Schema of what --json prints',
  arguments: [{ name: '<name>', description: 'report or status' }],
  examples: [{ line: 'scopeon schema report > report.schema.json', shows: 'the shape of every report' }],
  run: async (context, [name]) => {
    if (name !== 'report' && name !== 'status')
      throw new ScopeonError('usage', `There is no schema "${name ?? ''}".`, { hint: 'Choose report or status.' });
    const { jsonSchemaOf } = await import('../report/schema.ts');
    context.stdout.write(`${JSON.stringify(jsonSchemaOf(name), null, 2)}\n`);
    return 0;
  },
});
