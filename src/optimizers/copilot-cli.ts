import { defineOptimizer } from '../optimizer.ts';

export default defineOptimizer({
  title: 'GitHub Copilot CLI',
  aliases: ['copilot', 'github-copilot-cli'],
  support: 'launch_only',
  configPath: undefined,
  summary: 'What copilot may do without asking, by how it is started.',
  notes: ['Premium requests are counted by the model you choose in it.'],
  docs: ['https://docs.github.com/en/copilot/how-tos/copilot-cli'],
  presets: {
    'most-savings': {
      summary: 'No shell and no temporary folders',
      tradeoff: 'Cannot run tests or builds',
      command: ['copilot', '--deny-tool=shell', '--disallow-temp-dir'],
      optimizations: ['fewer tool calls'],
    },
    balanced: {
      summary: 'As it comes',
      tradeoff: 'Asks before each tool',
      command: ['copilot'],
      optimizations: [],
    },
    'most-speed': {
      summary: 'All tools and paths without asking',
      tradeoff: 'Anything it is told to do, it does: only where nothing can be lost',
      command: ['copilot', '--allow-all-tools', '--allow-all-paths'],
      optimizations: ['fewer questions'],
    },
    'most-power': {
      summary: 'Everything without asking, addresses on the network too',
      tradeoff: 'Anything it is told to do, it does: only where nothing can be lost',
      command: ['copilot', '--allow-all'],
      optimizations: ['fewer questions', 'network access'],
    },
  },
});
