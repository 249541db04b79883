import { defineCommand } from '../command.ts';
import { ScopeonError } from '../errors.ts';

export default defineCommand({
  summary: 'print the JSON Schema of what --json prints',
  arguments: [{ name: '<name>', description: 'report, status, insights, budget, limits, providers or doctor' }],
  examples: [{ line: 'scopeon schema report > report.schema.json', shows: 'the shape of every report' }],
  run: async (context, [name]) => {
    const { jsonSchemaOf, schemaNames } = await import('../report/schema.ts');
    const known = schemaNames.find((each) => each === name);
    if (known === undefined)
      throw new ScopeonError('usage', `There is no schema "${name ?? ''}".`, {
        hint: `Choose one of: ${schemaNames.join(', ')}.`,
      });
    context.stdout.write(`${JSON.stringify(jsonSchemaOf(known), null, 2)}\n`);
    return 0;
  },
});
